# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
# Of a compiler any version does, and a mirror has but one.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/*
# First what changes seldom: the packages that the service needs and is built with.
COPY requirements.run.lock ./
RUN python -m venv /app \
 && /app/bin/python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.run.lock
COPY pyproject.toml setup.py README.md LICENSE ./
COPY validator_svc ./validator_svc
# Without what it was built with, nothing that builds is left.
RUN /app/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /app/bin/python -I -c "from validator_svc.kernel import HAS_NATIVE; assert HAS_NATIVE" \
 && /app/bin/python -m pip uninstall -y cython setuptools pip

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 validator \
 && install -d -o validator /data
COPY --from=build /app /app
# By its number: what starts it can tell that it is not root without looking into the image.
USER 10001
WORKDIR /data
# Every address, so a key is asked for: `serve` does not start without VALIDATOR_ADMIN_KEY (with which keys are
# made), or VALIDATOR_AUTH=off where whoever reaches the port may use it. Only /data and /tmp are written to.
ENV PATH=/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VALIDATOR_HOST=0.0.0.0 \
    VALIDATOR_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "validator_svc.health"]
ENTRYPOINT ["validator-svc"]
CMD ["serve"]
