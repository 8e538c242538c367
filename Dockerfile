# The same program as ./sparr starts, with its environment made when the image is built.
FROM python:3.13-slim AS build
COPY requirements/runtime.txt /build/runtime.txt
RUN python -m venv --without-pip /opt/sparr \
    && pip --python /opt/sparr/bin/python install --no-cache-dir --only-binary :all: \
        --require-hashes -r /build/runtime.txt
COPY alembic.ini /srv/sparr/alembic.ini
COPY migrations /srv/sparr/migrations
COPY openapi /srv/sparr/openapi
COPY app /srv/sparr/app
RUN python -m compileall -q /srv/sparr

FROM python:3.13-slim
LABEL org.opencontainers.image.title="sparr" \
    org.opencontainers.image.description="A registry of objections to direct marketing"
# initdb and libpq look their user up by number, so the number has a name too.
RUN groupadd --gid 10001 sparr \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/sparr --shell /usr/sbin/nologin sparr \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/sparr
COPY --from=build /opt/sparr /opt/sparr
COPY --from=build /srv/sparr /srv/sparr
ENV PYTHONPATH=/srv/sparr \
    PYTHONUNBUFFERED=1 \
    SPARR_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/sparr
VOLUME /var/lib/sparr
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/opt/sparr/bin/python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=2); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["/opt/sparr/bin/python", "-P", "-m", "app"]
CMD ["up", "--data-dir", "/var/lib/sparr"]
