# One image for every role; compose names the role. The Python is the one that everything is tested and
# type-checked on (pyproject.toml); the embedded stack's servers and the tests' tools are not in it.
FROM python:3.11-slim AS made
RUN python -m venv /venv
COPY requirements-production.txt /made/
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r /made/requirements-production.txt
COPY . /made/
# --no-deps: only what the lock names; --no-build-isolation: setuptools is among it, and goes again.
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation /made \
    && /venv/bin/pip uninstall -y setuptools pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home zhiping && mkdir /documents /seals /secrets \
    && chown zhiping /documents
COPY --from=made /venv /venv
USER zhiping
WORKDIR /home/zhiping
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 ZHIPING_HEALTH_HOST=0.0.0.0 ZHIPING_HEALTH_PORT=8080
ENTRYPOINT ["python", "-m", "workers"]
CMD ["--role", "all"]
