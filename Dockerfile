# Tributary as an image. docker-compose.yml runs it beside Kafka, a registry and an S3 server.
#
# Debian's C library, as in all tests: LMDB, LZ4 and CRC-32C are binaries that come inside their packages, so nothing is compiled
# here and no compiler is needed. A digest (`…-slim@sha256:…`) goes behind the tag of this line.
FROM node:22.23.3-trixie-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

# What it runs with. No package's install script is run: they only look for the binaries that are there.
FROM base AS packages
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM base AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM base
# `tributary` finds dist/, the schemas and its version from where it lies, whatever link it is called by.
COPY tributary launch.mjs ./
COPY schemas/avro schemas/avro/
COPY --from=packages /app/node_modules node_modules/
COPY --from=build /app/dist dist/
RUN ln -s /app/tributary /usr/local/bin/tributary && install -d -o node -g node /var/lib/tributary

# State of roles lies in the container itself, survives its restart and goes with it: a store has one owner, told by process ids, which mean
# nothing in another container. No VOLUME: each container would leave one without a name, with keys of learners in it, which
# `docker compose down --volumes` does not find. Lost state is restored from Kafka.
ENV TRIBUTARY_DATA_DIR=/var/lib/tributary

# Nothing below /app is writable for it.
USER node

# The launcher replaces itself by node, so SIGTERM reaches the program: roles end their transactions and leave their groups.
# No HEALTHCHECK: the image runs single commands too. For `run` it is `tributary health`.
ENTRYPOINT ["tributary"]
CMD ["run"]
