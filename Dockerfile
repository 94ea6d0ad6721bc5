# The program alone; compose.yml puts a PostgreSQL beside it.
# With --build-arg POSTGRESQL=postgresql the image can also run its own, without DATABASE_URL.

FROM rust:1-bookworm AS build
WORKDIR /build
COPY . .
ENV SQLX_OFFLINE=true
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked && cp target/release/liaison-tracker /usr/local/bin/

FROM debian:bookworm-slim
ARG POSTGRESQL=""
RUN mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o Dpkg::Options::=--force-confold ca-certificates tzdata ${POSTGRESQL} \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --home-dir /var/lib/liaison-tracker --create-home liaison
COPY --from=build /usr/local/bin/liaison-tracker /usr/local/bin/
USER liaison
ENV LIAISON_LISTEN=0.0.0.0:8080 \
    LIAISON_DATA_DIR=/var/lib/liaison-tracker
VOLUME /var/lib/liaison-tracker
EXPOSE 8080
# Mail in hand is finished within 30 seconds: give it as long.  docker stop --time 35
STOPSIGNAL SIGTERM
ENTRYPOINT ["liaison-tracker"]
CMD ["serve"]
