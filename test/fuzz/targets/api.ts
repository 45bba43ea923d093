/** What reaches the host before anything is known of the caller: bodies, ranges, headers; and anchors, which clients load. */
import type { z } from 'zod'
import { parseJson } from '../../../src/api/body.ts'
import { parseRange } from '../../../src/api/range.ts'
import { parseAnchors, trustOf } from '../../../src/client/anchors.ts'
import { toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { formatPolicy } from '../../../src/log/policy.ts'
import type { Anchors } from '../../../src/protocol/anchors.ts'
import * as devices from '../../../src/protocol/devices.ts'
import { ActingPerson } from '../../../src/protocol/entry.ts'
import * as messages from '../../../src/protocol/messages.ts'
import { Problem } from '../../../src/protocol/problems.ts'
import * as record from '../../../src/protocol/record.ts'
import * as statements from '../../../src/protocol/statements.ts'
import * as succession from '../../../src/protocol/succession.ts'
import { newId } from '../../fixtures/document.ts'
import { mutateJson, mutateText } from '../mutate.ts'
import { samplesOf } from '../schema-samples.ts'
import { target } from '../target.ts'
import { authority } from './certificates.ts'
import { log, policy } from './log.ts'

const isSchema = (value: unknown): value is z.ZodType =>
  typeof value === 'object' && value !== null && 'safeParse' in value
const all = Object.entries({ ...messages, ...devices, ...succession, ...record, ...statements, ActingPerson, Problem })

/** Every schema that the protocol has, by name, with values that it takes. */
export const schemas = all.flatMap(([name, schema]) =>
  isSchema(schema) ? [{ name, schema, samples: samplesOf(schema, 3) }] : [],
)
const byName = new Map<string, z.ZodType>(schemas.map(({ name, schema }) => [name, schema]))
const withSamples = schemas.filter(({ samples }) => samples.length > 0)
const anchors: Anchors[] = [1, 2].map(roots => ({
  v: 1,
  deployment: newId(),
  name: 'Essai',
  development: roots === 1,
  urls: { patients: 'https://localhost:8443', professionals: 'https://localhost:8444' },
  serverAuthority: authority.anchor,
  hostKey: toBase64url(log.ed25519.verifyKey.bytes),
  insurerKey: toBase64url(log.ed25519.verifyKey.bytes),
  cardAuthorities: Array.from({ length: roots }, () => authority.anchor),
  policy: formatPolicy(policy),
  origin: log.origin,
}))

export default [
  target({
    // the schema's name, a line feed, the body
    name: 'api-body',
    share: 4,
    samples: withSamples.flatMap(({ name, samples }) => samples.map(sample => `${name}\n${JSON.stringify(sample)}`)),
    near(random) {
      const { name, samples } = random.pick(withSamples)
      return `${name}\n${mutateJson(random, random.pick(samples))}`
    },
    take(text: string) {
      const cut = text.indexOf('\n')
      const schema = byName.get(text.slice(0, cut))
      if (schema === undefined || !text.isWellFormed()) return null
      return parseJson(utf8(text.slice(cut + 1)), schema)
    },
    refusals: ['malformed'],
  }),
  target({
    name: 'range',
    share: 10,
    samples: ['bytes=0-', 'bytes=0-0', 'bytes=1048576-2097151'],
    take: (header: string) => parseRange(header),
    refusals: ['range-invalid'],
    write: range => (range === null ? '' : `bytes=${range.start}-${range.end === null ? '' : range.end - 1}`),
  }),
  target({
    name: 'anchors',
    share: 1,
    samples: anchors.map(value => JSON.stringify(value)),
    near: random => (random.once(9) ? mutateText(random, '{"v":1}', ['[]']) : mutateJson(random, random.pick(anchors))),
    take: (json: string) => trustOf(parseAnchors(json)),
    refusals: ['anchors-invalid'],
  }),
]
