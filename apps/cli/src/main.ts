#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { runProgram } from './run-program.js'

if (existsSync('.env')) process.loadEnvFile()
// `fullon trades … | head` is no error.
process.stdout.on('error', (err: NodeJS.ErrnoException) => process.exit(err.code === 'EPIPE' ? 0 : 1))

await runProgram(process.argv.slice(2))
