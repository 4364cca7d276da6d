import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksOf, needs, readDocument } from './blocks.ts'
import { withBackups } from './with-backups.ts'

const root = join(import.meta.dirname, '../..')
/** Shows what the command prints, and asks for nothing to be done. */
const shown = 'the-command-on-a-screen.md'
const guides = readdirSync(join(root, 'docs/guides')).filter((name) => name !== shown)

/** The tests of guides that need more than snippets.test.ts has: a bucket, a page in a browser, a function with a limit. */
const runElsewhere: Readonly<Record<string, string>> = {
  'first-backup-to-s3.md': 'apps/cli/test/first-backup-guide.test.ts',
  's3-compatible-storage.md': 'apps/cli/test/first-backup-guide.test.ts',
  'undo-a-bad-deploy.md': 'apps/cli/test/undo-guide.test.ts',
  'lambda.md': 'apps/plugin/test/documented-lambda.test.ts',
  'what-requests-cost.md': 'apps/plugin/test/s3-requests.test.ts',
  'the-page.md': 'apps/cli/test/page-guide.test.ts',
}

describe.each(guides)('the guide %s', (name) => {
  const blocks = blocksOf(name, readDocument(`docs/guides/${name}`))
  const runs = blocks.filter(({ language }) => language === 'js' || language === 'bash')
  const here = runs.filter((block) => [undefined, withBackups.need].includes(needs(block)))

  it('is run by a test', () => {
    const test = runElsewhere[name]
    if (test === undefined) expect(here).not.toEqual([])
    else expect(readFileSync(join(root, test), 'utf8')).toContain(name)
  })

  it('has no bash block that no test runs', () => {
    const commands = runs.filter((block) => block.language === 'bash' && !here.includes(block))
    if (commands.length > 0) expect(Object.keys(runElsewhere)).toContain(name)
  })
})
