import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * `npm install x` as it helps: a command that was installed with `--global` does not find what lies in the folder where
 * it is typed. What pnpm or npx keep elsewhere, and a clone, is left alone.
 */
export function asInstalled(
  suggestion: string,
  command: string = fileURLToPath(import.meta.url),
  cwd: string = process.cwd(),
): string {
  return isGlobal(command, cwd)
    ? suggestion.replaceAll(/\bnpm install (?!-)/g, 'npm install --global ')
    : suggestion
}

function isGlobal(command: string, cwd: string): boolean {
  const parts = command.split(sep)
  const at = parts.indexOf('node_modules')
  if (at === -1 || parts.includes('.pnpm') || parts.includes('_npx')) return false
  const away = relative(parts.slice(0, at).join(sep) || sep, cwd)
  return isAbsolute(away) || away.split(sep)[0] === '..'
}
