/** More cookies of one name are not looked at. */
const most = 8

/** Every value that a request has for a cookie. A browser sends those of several servers of one host together. */
export function cookiesNamed(name: string, header: string | undefined): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
    .slice(0, most)
}
