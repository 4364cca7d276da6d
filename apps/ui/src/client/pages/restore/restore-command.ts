import { commandLine, idOptions } from '../../words.js'

/** A restore as it was put together on the page. */
export interface Asked {
  readonly backup: string
  readonly mode: string
  readonly resources: readonly string[]
  readonly ids: readonly string[]
  readonly own: boolean
  readonly target: string
}

/** The same restore on the command line, without credentials: a pasted command stays in the shell's history. */
export function restoreCommand(
  { backup, mode, resources, ids, own, target }: Asked,
  placeOptions: string,
): string {
  const only = idOptions(ids)
  return (
    only.before +
    commandLine(
      ['restore', backup],
      {
        ...(own ? {} : { '--target': target.replace(/\/\/[^/@]*@/, '//KEY:SECRET@') }),
        ...(mode === 'skip' ? {} : { '--mode': mode }),
        ...(resources.length === 0 ? {} : { '--resources': resources.join(',') }),
        ...only.options,
      },
      placeOptions,
    )
  )
}
