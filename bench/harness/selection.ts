/** Which figures there are, and which were asked for. */
import { readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

const folder = resolve(import.meta.dirname, '..')

/** A figure's file: `bench/GROUP/NAME.ts`. */
export interface FigureFile {
  readonly group: string
  readonly name: string
  readonly path: string
}

/** All of them, by group and name. The folders of the harness, the rivals and the samples hold none. */
export function allFigures(): FigureFile[] {
  const groups = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !['harness', 'rivals', 'samples', 'node_modules'].includes(entry.name))
    .map(entry => entry.name)
  return groups.sort().flatMap(group =>
    readdirSync(join(folder, group))
      .filter(file => file.endsWith('.ts'))
      .sort()
      .map(file => ({ group, name: basename(file, '.ts'), path: join(folder, group, file) })),
  )
}

/**
 * Those asked for, each by a group (`crypto`), a name (`seal-node`) or the beginning of one (`seal`); all when nothing
 * is asked for. Throws `TypeError` naming what matches nothing.
 */
export function select(figures: readonly FigureFile[], asked: readonly string[]): FigureFile[] {
  if (asked.length === 0) return [...figures]
  const matches = ({ group, name }: FigureFile, word: string) => group === word || name.startsWith(word)
  const unknown = asked.filter(word => !figures.some(figure => matches(figure, word)))
  if (unknown.length > 0) throw new TypeError(`No figure is called ${unknown.join(', ')}: see npm run bench -- --list`)
  return figures.filter(figure => asked.some(word => matches(figure, word)))
}
