import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../pack-check/run.mjs'

const version = '6.10.4'

/**
 * An empty registry on this machine that knows only what is published to it.
 * @param {string} folder where it keeps what it was given
 */
export async function localRegistry(folder) {
  const program = await verdaccio()
  const port = await freePort()
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'config.yaml')
  writeFileSync(config, settings(folder))
  const log = []
  const child = spawn(process.execPath, [program, '--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => log.push(chunk))
  const url = `http://127.0.0.1:${port}`
  await answers(url, child, log)
  return {
    url,
    /** For an .npmrc: our packages from here, all others from where they always come from. */
    npmrc: `@s3db-backup:registry=${url}/\n//127.0.0.1:${port}/:_authToken=rehearsal\n`,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve)
        child.kill()
      }),
  }
}

const settings = (folder) => `
storage: ${JSON.stringify(join(folder, 'storage'))}
max_body_size: 50mb
auth:
  htpasswd:
    file: ${JSON.stringify(join(folder, 'htpasswd'))}
packages:
  '**':
    access: $all
    publish: $all
log: { type: stdout, format: pretty, level: warn }
`

/** Installed once for all rehearsals. It is no dependency of the repository, which most people never rehearse. */
async function verdaccio() {
  const home = join(tmpdir(), `s3db-backup-verdaccio-${version}`)
  if (!existsSync(home)) {
    const making = `${home}-${process.pid}`
    mkdirSync(making, { recursive: true })
    // One of its plug-ins requests a dist-tag of node-fetch, which not every registry serves.
    const manifest = {
      private: true,
      dependencies: { verdaccio: version },
      overrides: { 'node-fetch': '^2.7.0' },
    }
    writeFileSync(join(making, 'package.json'), JSON.stringify(manifest))
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], making)
    if (existsSync(home)) rmSync(making, { recursive: true })
    else renameSync(making, home)
  }
  return join(home, 'node_modules/verdaccio/bin/verdaccio')
}

async function answers(url, child, log) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The registry ended at once:\n${Buffer.concat(log)}`)
    const answer = await fetch(`${url}/-/ping`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
