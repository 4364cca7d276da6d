import { BackupError } from '../errors.js'
import { nearest } from '../nearest.js'

/** The variables of a path template. All times are the backup's own start, in UTC. */
export const templateNames = ['date', 'time', 'year', 'month', 'day', 'backupId', 'type'] as const

/** A template, cut where its first variable begins. */
export interface PathTemplate {
  /** The part without variables: below it the catalog looks for backups. May be empty or `/`. */
  readonly root: string
  /** The part rendered for each backup, relative to the root; empty if the path has no variables. */
  readonly folder: string
}

/**
 * Cuts `./backups/{date}/` into the root `./backups` and the folder `{date}`.
 * Throws `invalid_options` for an unknown variable or a brace that is not closed.
 */
export function parsePathTemplate(path: string): PathTemplate {
  checkVariables(path)
  const variable = path.indexOf('{')
  if (variable === -1) return { root: trimSlash(path), folder: '' }
  const cut = path.lastIndexOf('/', variable)
  return { root: trimSlash(path.slice(0, cut + 1)), folder: trimSlash(path.slice(cut + 1)) }
}

/** Fills in `{date} {time} {year} {month} {day} {backupId} {type}`. Rendered once, when a backup starts. */
export function renderFolder(folder: string, backup: { id: string; type: string; startedAt: Date }): string {
  const iso = backup.startedAt.toISOString()
  const values: Record<(typeof templateNames)[number], string> = {
    date: iso.slice(0, 10),
    time: iso.slice(11, 19).replaceAll(':', '-'),
    year: iso.slice(0, 4),
    month: iso.slice(5, 7),
    day: iso.slice(8, 10),
    backupId: backup.id,
    type: backup.type,
  }
  const rendered = folder.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    isTemplateName(name) ? values[name] : whole,
  )
  const path = rendered.replace(/\/+$/, '')
  const segments = path === '' ? [] : path.split('/')
  if (segments.some((segment) => segment === '..' || segment === '.')) {
    throw invalid(folder, 'it leads out of its folder')
  }
  if (segments.includes('')) throw invalid(folder, 'a segment of it is empty')
  return path
}

function checkVariables(path: string): void {
  const unknown = [...path.matchAll(/\{([^{}]*)\}/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !isTemplateName(name))
  const [first] = unknown
  if (first !== undefined) throw invalid(path, `{${first}} is not a variable${nearest(first, templateNames)}`)
  if (/[{}]/.test(path.replaceAll(/\{\w+\}/g, ''))) throw invalid(path, 'a brace is not closed')
}

function isTemplateName(name: string): name is (typeof templateNames)[number] {
  return (templateNames as readonly string[]).includes(name)
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path
}

function invalid(path: string, why: string): BackupError {
  return new BackupError('invalid_options', `Invalid path template "${path}": ${why}`, {
    operation: 'validateConfig',
    suggestion: `Use the variables ${templateNames.map((name) => `{${name}}`).join(' ')}.`,
    metadata: { path },
  })
}
