import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/**
 * Where the embedded Postgres keeps its data: `FULLON_DATA_DIR`, else `fullon` in the user's data folder.
 * Root's is /var/lib/fullon on Linux: the server cannot run as root, and root's home is closed to everyone else.
 */
export function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env.FULLON_DATA_DIR) return resolve(env.FULLON_DATA_DIR)
  if (process.platform === 'win32') return join(env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'fullon')
  const home = env.HOME || homedir()
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'fullon')
  // The XDG base directory specification: a relative path is to be ignored.
  if (env.XDG_DATA_HOME && isAbsolute(env.XDG_DATA_HOME)) return join(env.XDG_DATA_HOME, 'fullon')
  if (process.getuid?.() === 0) return '/var/lib/fullon'
  return join(home, '.local', 'share', 'fullon')
}
