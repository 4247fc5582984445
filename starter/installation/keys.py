"""The `.env` of an installation: every key and password fresh, and a line for what only its people know."""

from __future__ import annotations

import secrets

from config.keys import new_key
from config.signing_keys import SigningKey, new_signing_key

_TEXT = """\
# 职评的密钥与口令：由 zhiping install keys 生成，每次都不同。
# 遗失后，已封存的个人信息和 Temporal 中的内容都不能再读出；泄露则须更换（docs/production.md）。
# 请另存一份于安全处，与数据分开保管；不要提交到代码库，不要用邮件发送。

# 数据库：所有者的口令；以应用账号、以所有者连接的地址（后者只用于更新结构）
POSTGRES_PASSWORD={postgres}
ZHIPING_DATABASE_URL=postgresql://zhiping_application:{application}@postgres:5432/zhiping
ZHIPING_OWNER_DATABASE_URL=postgresql://zhiping:{postgres}@postgres:5432/zhiping

# 加密 Temporal 中的内容：编号:密钥，可并列多个，第一个用于加密
ZHIPING_CODEC_KEYS={codec}
# 封存姓名、证件号和意见等文字
ZHIPING_IDENTITY_KEY={identity}

# 消息由谁担保：公钥环，以及网关（命令行、网页）和工作进程各自的私钥
ZHIPING_VOUCHING_TRUST={trust}
ZHIPING_VOUCHING_GATEWAY_KEY={gateway}
ZHIPING_VOUCHING_WORKERS_KEY={workers}

# 以下由安装人员填写
# 程序版本：git 提交号；工作进程和镜像都以此区分
BUILD_ID=
# 数据共享接口的地址（核验学历、社保等）
ZHIPING_VERIFICATION_URL=
# 人员在浏览器中输入的网址，如 https://zc.example.gov.cn
ZHIPING_CONSOLE_URL=
# 通知从哪个邮箱发出，如 职称评审 <zc@example.gov.cn>
ZHIPING_SMTP_SENDER=
# 以下可以不填。口令写入 secrets 卷中的文件，这里写它在容器中的路径，如 /secrets/seal_password
# 电子印章（*.p12）的口令
ZHIPING_SEAL_PASSWORD_FILE=
# 邮件服务器的账号和口令
ZHIPING_SMTP_USER=
ZHIPING_SMTP_PASSWORD_FILE=
# 与邮件服务器的连接：none、starttls 或 implicit；根证书（PEM）不在系统中的，写路径
ZHIPING_SMTP_TLS=
ZHIPING_SMTP_CA=
# 查毒服务 clamd，如 clamav:3310
ZHIPING_SCANNER_ADDRESS=
"""


def fresh() -> str:
    """The whole file, with keys that nobody had before."""
    gateway, workers = new_signing_key("g1"), new_signing_key("w1")
    public = {key: SigningKey.parse(key).public for key in (gateway, workers)}
    return _TEXT.format(
        postgres=secrets.token_hex(24),
        application=secrets.token_hex(24),
        codec=f"k1:{new_key()}",
        identity=new_key(),
        trust=f"g1:gateway:{public[gateway]},w1:workers:{public[workers]}",
        gateway=gateway,
        workers=workers,
    )
