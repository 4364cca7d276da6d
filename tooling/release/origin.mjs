import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * The repository on GitHub as `owner/name`, from GITHUB_REPOSITORY or from an address of git; `undefined` for any other.
 * @param {{ repository?: string | undefined, address?: string | undefined }} given
 */
export function repositoryOn({ repository, address }) {
  const name = '([A-Za-z0-9][\\w-]*/[\\w.-]+?)'
  if (repository) return new RegExp(`^${name}$`).exec(repository)?.[1]
  return new RegExp(
    `^(?:https://(?:[^@/]+@)?github\\.com/|ssh://git@github\\.com/|git@github\\.com:)${name}(?:\\.git)?/?$`,
  ).exec(address ?? '')?.[1]
}

/** The repository that this checkout was cloned from, if it can be told. */
export function repositoryHere(env = process.env, folder = root) {
  return repositoryOn({ repository: env.GITHUB_REPOSITORY, address: originOf(folder) })
}

function originOf(folder) {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  } catch {
    return undefined // No git here, or no remote of that name: there is no origin to tell.
  }
}

/**
 * A package.json with where its source, its page and its issues are. npm compares `repository` with the place that a
 * package was built at, and refuses provenance where they differ.
 */
export function withRepository(manifest, repository, directory) {
  const page = `https://github.com/${repository}`
  return {
    ...manifest,
    homepage: `${page}/tree/main/${directory}#readme`,
    bugs: { url: `${page}/issues` },
    repository: { type: 'git', url: `git+${page}.git`, directory },
  }
}
