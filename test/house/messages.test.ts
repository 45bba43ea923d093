import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import * as devices from '../../src/protocol/devices.ts'
import * as directory from '../../src/protocol/directory.ts'
import * as messages from '../../src/protocol/messages.ts'
import { IdentityPaper, SetProof, Slot, StateSets, StoredDocument } from '../../src/protocol/record.ts'
import * as succession from '../../src/protocol/succession.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/messages.md'), 'utf8')
const known: Readonly<Record<string, unknown>> = {
  ...messages,
  ...devices,
  ...succession,
  IdentityPaper,
  ...directory,
  SetProof,
  Slot,
  StateSets,
  StoredDocument,
}

/** Rows of the first table: message and the names of its members. */
const rows = new Map(
  [...page.matchAll(/^\| ([A-Z]\w+) \| (.+) \|$/gm)].map(([, name, members]) => [
    name as string,
    (members as string)
      .replace(/\([^)]*\)/g, '')
      .replace(/: .*$/, '')
      .split(',')
      .map(member => member.trim()),
  ]),
)

t.test('every message stands on its page, with its members', async t => {
  const objects = Object.entries(known).flatMap(([name, schema]) =>
    schema instanceof z.ZodObject ? [{ name, schema }] : [],
  )
  for (const { name, schema } of objects) {
    t.same(rows.get(name), Object.keys(schema.shape), `docs/protocol/messages.md: ${name}`)
  }
  t.ok(objects.length > 40)
  t.same(
    [...rows.keys()].filter(name => !objects.some(each => each.name === name)),
    [],
    'and no other',
  )
})
