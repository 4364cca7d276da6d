import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, blocksOf, documents, needs, readDocument } from './blocks.ts'
import { withBackups } from './with-backups.ts'
import { type Workplace, workplace } from './workplace.ts'

// `js` and `bash` blocks are run in order, in one folder per document, with the built packages and the real s3db.js.
// `ts` blocks are compiled (see typescript.test.ts). Others are only shown. A block that needs more than its page makes
// says so in its first line (`// needs: ...`). A destination with backups is made here; of a block that needs anything
// else, such as a bucket, only the syntax and the imports are checked here, and guides.test.ts names the test that runs it.
const shown = new Set(['ts', 'sh', 'text', 'json', 'diff', 'dockerfile', 'ini', 'yaml', ''])

let place: Workplace

function atWorkplace() {
  beforeAll(() => {
    place = workplace()
  })
  afterAll(() => place.remove())
}

describe.each(documents())('%s', (document) => {
  atWorkplace()
  const blocks = blocksOf(document, readDocument(document))
  const isGiven = (block: Block) => needs(block) === withBackups.need
  if (blocks.some(isGiven)) beforeAll(() => withBackups.make(place))

  it('has no block that is neither run nor known as text', () => {
    const unknown = blocks.filter(
      ({ language }) => !['js', 'bash'].includes(language) && !shown.has(language),
    )
    expect(unknown).toEqual([])
  })

  for (const block of blocks.filter(({ language }) => language === 'js' || language === 'bash')) {
    if (needs(block) === undefined) it(`line ${block.line} runs as written`, () => place.run(block))
    else if (isGiven(block))
      it(`line ${block.line} runs as written`, () => place.run(block, [], withBackups.typed))
    else if (block.language === 'js') it(`line ${block.line} imports what is there`, () => place.check(block))
  }
})

describe('a block', () => {
  atWorkplace()
  const block = (language: string, text: string): Block => ({ document: 'x.md', line: 1, language, text })

  it('that throws, exits with an error or imports something missing fails', async () => {
    await expect(place.run(block('js', 'throw new Error("no")'))).rejects.toThrow('no')
    await expect(place.run(block('bash', 'false | cat; true'))).rejects.toThrow()
    await expect(
      place.check(block('js', "import { nothing } from '@s3db-backup/core'\nnothing()")),
    ).rejects.toThrow('nothing')
    await expect(place.check(block('js', 'const = 1'))).rejects.toThrow('SyntaxError')
  })

  it('that leaves its folder fails, for the next one would be pasted into another', async () => {
    await expect(place.run(block('bash', 'mkdir away && cd away'))).rejects.toThrow('another folder')
    await place.run(block('bash', 'mkdir aside\n(cd aside && pwd)'))
  })

  it('that announces an exit code fails with any other, and with a success', async () => {
    await expect(place.run(block('bash', 'true || test $? = 7'))).rejects.toThrow('exit code 7, not 0')
    await expect(place.run(block('bash', '(exit 3) || test $? = 7'))).rejects.toThrow('exit code 7, not 3')
    await place.run(block('bash', '(exit 7) || test $? = 7\ntrue'))
  })

  it('is found with its place, its language and its text', () => {
    const text = 'a\n\n```js\nb()\n```\n\n- c\n\n  ```sh\n  d\n  ```\n'
    expect(blocksOf('x.md', text)).toEqual([
      { document: 'x.md', line: 3, language: 'js', text: 'b()\n' },
      { document: 'x.md', line: 9, language: 'sh', text: '  d\n' },
    ])
  })

  it('is found in the README: three ways in', () => {
    const ways = blocksOf('README.md', readDocument('README.md')).filter(
      (each) => ['js', 'bash'].includes(each.language) && needs(each) === undefined,
    )
    expect(ways.length).toBeGreaterThanOrEqual(3)
  })
})
