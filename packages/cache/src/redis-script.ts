import { createHash } from 'node:crypto'

/** A command by its lower-case name and its arguments: one of Redis', or one of the script's own. */
export type RedisCommand = [name: string, ...args: (string | number)[]]

// A batch as one command: MULTI with a command each costs ioredis seven times the CPU (bench/), and gives no more.
// Arguments: for each command how many words it has, then these. pcall: a refused command does not stop the others.
// zput and push begin with what a full Redis refuses: after any other write a script may exceed maxmemory.
export const SCRIPT = `
local own = {
  ['set-if'] = function(key, sha1, value, ttlMs)
    local present = redis.pcall('GET', key)
    if type(present) == 'table' then return present end
    if not present or redis.sha1hex(present) ~= sha1 then return 0 end
    local reply = redis.pcall('SET', key, value, 'PX', ttlMs)
    return reply.err and reply or 1
  end,
  ['hdel-if'] = function(key, field, expected)
    local present = redis.pcall('HGET', key, field)
    if type(present) == 'table' then return present end
    return present == expected and redis.pcall('HDEL', key, field) or 0
  end,
  zput = function(key, keep, ...)
    local entries = {...}
    for i = 1, #entries, 2 do
      local score, value = entries[i], entries[i + 1]
      local added = redis.pcall('ZADD', key, score, value)
      if type(added) == 'table' then return added end
      for _, old in ipairs(added == 1 and redis.call('ZRANGEBYSCORE', key, score, score) or {}) do
        if old ~= value then redis.call('ZREM', key, old) end
      end
    end
    return redis.call('ZREMRANGEBYRANK', key, 0, -keep - 1)
  end,
  push = function(key, keep, ...)
    local reply = redis.pcall('RPUSH', key, ...)
    return type(reply) == 'table' and reply or redis.call('LTRIM', key, -keep, -1)
  end
}
local replies, at = {}, 1
while at <= #ARGV do
  local last = at + ARGV[at]
  local run = own[ARGV[at + 1]]
  replies[#replies + 1] = run and run(unpack(ARGV, at + 2, last)) or redis.pcall(unpack(ARGV, at + 1, last))
  at = last + 1
end
return replies`

export const SCRIPT_HASH = createHash('sha1').update(SCRIPT).digest('hex')

/** Redis takes no more than 1,048,576 arguments a command, and serves nobody else meanwhile. */
const MOST_ARGUMENTS = 100_000

/** The arguments of as few runs of the script as hold `commands`; almost always one. */
export function toScripts(commands: readonly RedisCommand[]): (string | number)[][] {
  const scripts: (string | number)[][] = []
  let script: (string | number)[] = []
  for (const command of commands) {
    if (scripts.length === 0 || script.length + command.length >= MOST_ARGUMENTS - 2) {
      script = []
      scripts.push(script)
    }
    script.push(command.length, ...command)
  }
  return scripts
}
