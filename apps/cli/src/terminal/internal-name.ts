/** The readable name of an internal resource: `:objects`, `:objects:users`. */
export function internalName(name: string): string {
  const resource = /^:objects:(.+)$/su.exec(name)?.[1]
  return resource === undefined ? '(data of plugins)' : `(plugins, counters, history of ${resource})`
}
