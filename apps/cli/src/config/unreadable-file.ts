/** In words why a file could not be opened or read; `undefined` if the cause is not one of the file system. */
export function whyUnreadable(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('syscall' in cause) || !('code' in cause)) return undefined
  const code = String(cause.code)
  return reasons[code] ?? code
}

/** What to do about a file that is there and that this process may not, or cannot, read. */
export const makeReadable =
  'Name a file, and let the user that runs this command read it (chown, chmod). A service may run as a user of its own.'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOENT: 'no such file',
}
