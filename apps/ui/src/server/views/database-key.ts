/**
 * What two addresses of one database have in common, however they are spelt: to tell whether something runs there
 * already.
 */
export function databaseKey(address: string): string {
  if (!URL.canParse(address)) return address
  const { protocol, host, pathname } = new URL(address)
  return `${protocol}//${host}${decoded(pathname).replace(/\/+$/, '')}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
