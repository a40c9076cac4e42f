#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { runProcess } from './run-process.js'

const USAGE = `usage: fullon-ohlcv-service

Collects candles and trades of the symbols in the fullon database and keeps them complete.
DATABASE_URL (default: an embedded Postgres), REDIS_URL (default: none), ADMIN_MAIL, LOG_LEVEL and the
other variables are described in .env.example. SIGTERM or Ctrl-C stops it.`

if (process.argv.length > 2) {
  console.log(USAGE)
  process.exitCode = process.argv[2] === '--help' || process.argv[2] === '-h' ? 0 : 2
} else {
  if (existsSync('.env')) process.loadEnvFile()
  await runProcess(process.env)
}
