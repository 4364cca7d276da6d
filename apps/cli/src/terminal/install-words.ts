import { isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The `npm install x` that helps: a command installed with `--global` does not find packages in the current folder.
 * Installations by pnpm or npx, and a clone, are left alone.
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
