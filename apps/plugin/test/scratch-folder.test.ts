import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../src/scratch-folder.js'
import { scratch } from './scene.js'

describe('the folder of a drill', () => {
  it('is removed with little memory, however many files are in it', () => {
    const script = join(import.meta.dirname, 'large-scratch.mjs')
    const fromSource = pathToFileURL(join(import.meta.dirname, 'from-source.mjs')).href
    const args = ['--import', fromSource, script, '15000']
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(stderr).toBe('')
    const { MiB, left } = JSON.parse(stdout)
    expect(left).toBe(false)
    // All names at once would take 40.
    expect(MiB).toBeLessThan(15)
  })

  it('is removed with all that is in it, and nothing that a link leads to', async () => {
    const elsewhere = scratch()
    writeFileSync(join(elsewhere, 'kept'), '')
    const { path, remove } = await scratchFolder({ tempDir: scratch() })
    mkdirSync(join(path, 'a', 'b', 'c'), { recursive: true })
    writeFileSync(join(path, 'a', 'b', 'file'), '')
    symlinkSync(elsewhere, join(path, 'a', 'link'), 'junction')
    await remove()
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(elsewhere)).toEqual(['kept'])
    await remove()
  })
})
