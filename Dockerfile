# Two stages: the first builds, the second holds the binary and nothing else.
# docker build -t grantor .
# docker-compose.yml builds by itself. The caches need BuildKit, Docker's builder since version 23.

# The image brings the C compiler that the cryptography (aws-lc) and the allocator (mimalloc) are built with; neither needs CMake here.
# Its version is at least `rust-version` of Cargo.toml, and its Debian that of the image below, for the sake of glibc.
FROM docker.io/library/rust:1.95-trixie AS build
WORKDIR /src
COPY . .
# Queries are checked against the committed .sqlx/, so no database is needed here. The caches outlive a build. Cargo goes by the times of
# files, and those of an unpacked archive or of another clone can be older than the cache: untouched, yesterday's binary would pass for today's.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    touch src/lib.rs src/main.rs && cargo build --release --locked --bin grantor && cp target/release/grantor /grantor

# glibc, certificates, no shell, and the unprivileged user 65532.
FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /grantor /usr/local/bin/grantor
# Inside a container the listener must be reachable from outside of it; the port is published by whoever runs it.
ENV GRANTOR__SERVER__ADDRESS=0.0.0.0
USER 65532:65532
EXPOSE 8080
# The image has no shell and no curl: the binary asks itself.
HEALTHCHECK --interval=10s --timeout=6s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/grantor", "doctor", "--url", "http://127.0.0.1:8080"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/grantor"]
CMD ["serve"]
