import type { DataFolder } from './data-folder.js'

/** For one machine with little memory; what a person writes in postgresql.conf adds to it. */
const COMMON = [
  'timezone=UTC',
  'log_timezone=UTC',
  'max_connections=200',
  'shared_buffers=128MB',
  'max_wal_size=512MB',
  // Nobody replicates from it, and a COPY into a table created in the same transaction writes no log.
  'wal_level=minimal',
  'max_wal_senders=0',
  // The log is for a person who asks why it did not start: no routine, and no rows of data.
  'log_checkpoints=off',
  'log_min_error_statement=panic',
]

/** The data are thrown away with the server, so nothing need survive a power cut. */
const EPHEMERAL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** Settings as `name=value`; `port` is for Windows, elsewhere there is only a socket that the owner can open. */
export function listSettings(folder: DataFolder, options: { ephemeral: boolean; port?: number }): string[] {
  const access = options.port
    ? ['listen_addresses=127.0.0.1', `port=${options.port}`, 'unix_socket_directories=']
    : [
        'listen_addresses=',
        'port=5432',
        `unix_socket_directories="${folder.run.replaceAll('"', '""')}"`,
        'unix_socket_permissions=0700',
      ]
  return [...COMMON, ...(options.ephemeral ? EPHEMERAL : []), ...access]
}
