FROM python:3.11-slim AS build
WORKDIR /src
RUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*
COPY requirements.lock pyproject.toml setup.py README.md LICENSE ./
COPY validator_svc ./validator_svc
# The lock names what development needs too; as constraints it pins only what the service does need, and
# what it is built with: the plan file is made of the phonenumbers there.
RUN sed -e 's/ \\$//' -e '/--hash/d' requirements.lock > constraints.txt \
 && python -m venv /app \
 && PIP_CONSTRAINT=constraints.txt /app/bin/pip install --no-cache-dir .

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 validator && install -d -o validator /data
COPY --from=build /app /app
USER validator
# Every address, so a key is asked for: `serve` does not start without VALIDATOR_ADMIN_KEY (with which keys are
# made), or VALIDATOR_AUTH=off where whoever reaches the port may use it.
ENV PATH=/app/bin:$PATH VALIDATOR_HOST=0.0.0.0 VALIDATOR_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["python", "-m", "validator_svc.health"]
ENTRYPOINT ["validator-svc"]
CMD ["serve"]
