# Two stages: one builds the wheel, the other holds nothing but the interpreter and what the wheel needs.
# tests/e2e/test_wheel.py runs the same steps without an engine.

FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY facade facade
COPY specs specs
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/facade --create-home facade
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels facade && rm -rf /wheels
USER facade
WORKDIR /var/lib/facade
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["facade", "probe", "http://127.0.0.1:8080/agent/readyz"]
ENTRYPOINT ["facade"]
CMD ["serve", "-c", "/etc/facade/facade.yaml"]
