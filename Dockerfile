# The service and the `fullon` command: docker build --tag fullon-ohlcv-service .
FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm run build \
 && node_modules/.bin/pnpm --filter @fullon/cli deploy --prod /app \
 && chmod +x /app/dist/main.js

FROM node:22-bookworm-slim
COPY --from=build /app /app
# What the user node may write; without DATABASE_URL the embedded Postgres keeps its data here.
RUN ln -s /app/dist/main.js /usr/local/bin/fullon && install -d -o node -g node /data
ENV NODE_ENV=production FULLON_DATA_DIR=/data HTTP_HOST=0.0.0.0 LOG_FORMAT=json
WORKDIR /app
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.HTTP_PORT || 8080) + '/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "node_modules/@fullon/ohlcv-service/dist/main.js"]
