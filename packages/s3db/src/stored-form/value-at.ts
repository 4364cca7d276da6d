/** The value at a path such as `address.city`; nothing that an object does not have itself. */
export function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce(
      (here, name) =>
        typeof here === 'object' && here !== null && Object.hasOwn(here, name)
          ? Reflect.get(here, name)
          : undefined,
      value,
    )
}
