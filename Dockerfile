# One image for every role; compose names the role.
FROM python:3.13-slim

RUN useradd --system --uid 10001 --create-home zhiping
WORKDIR /app
COPY requirements.txt pyproject.toml ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY workflows workflows
COPY activities activities
COPY config config
COPY workers workers
COPY starter starter
# --no-deps: only what the lock names; --no-build-isolation: setuptools is among it.
RUN pip install --no-cache-dir --no-deps --no-build-isolation . && mkdir /documents \
    && chown zhiping /documents

USER zhiping
ENV PYTHONUNBUFFERED=1 ZHIPING_HEALTH_HOST=0.0.0.0 ZHIPING_HEALTH_PORT=8080
ENTRYPOINT ["python", "-m", "workers"]
CMD ["--role", "all"]
