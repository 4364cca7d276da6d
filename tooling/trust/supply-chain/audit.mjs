// Asks the registry for known vulnerabilities in what users of our packages install. Exits with 1 if there is a high
// or critical one. A registry without this service, or out of reach, is reported and fails nothing: it says nothing
// about the packages.
import { spawnSync } from 'node:child_process'

const serious = ['high', 'critical']
const given = process.argv.indexOf('--answer')
const answer = given === -1 ? ask() : (process.argv[given + 1] ?? '')

function ask() {
  const [command = 'npx', ...args] = (process.env.PNPM ?? 'npx -y pnpm@10.34.9').split(' ')
  const { stdout, stderr } = spawnSync(command, [...args, 'audit', '--prod', '--json'], { encoding: 'utf8' })
  if (stdout === '') console.log(String(stderr).trim().split('\n')[0])
  return stdout
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const report = parsed(answer)
const counts = report?.metadata?.vulnerabilities
if (counts === undefined) {
  console.log(`The registry could not be asked for known weaknesses (${report?.error?.code ?? 'no answer'}).`)
} else {
  const found = Object.values(report.advisories ?? {}).filter(({ severity }) => serious.includes(severity))
  for (const { module_name, severity, title, url } of found)
    console.log(`${severity}: ${module_name}: ${title} (${url})`)
  const count = serious.reduce((sum, severity) => sum + (counts[severity] ?? 0), 0)
  console.log(
    count === 0
      ? `Asked, and nothing serious is known: ${JSON.stringify(counts)}`
      : `${count} serious weaknesses`,
  )
  process.exitCode = count === 0 ? 0 : 1
}
