/** Good values for a zod schema, made from what the schema itself says: its JSON Schema, patterns included. */
import fc from 'fast-check'
import { z } from 'zod'

interface Node {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly allOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly $ref?: string
}

/** Values that the schema takes, at most `count`, none when it cannot be told how to make one. */
export function samplesOf(schema: z.ZodType, count: number): unknown[] {
  const root = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Node
  const values: unknown[] = []
  for (let seed = 1; seed <= 8 * count && values.length < count; seed++) {
    const value = makeValue(root, seed, `${seed}`)
    if (schema.safeParse(value).success) values.push(value)
  }
  return values
}

function makeValue(node: Node, seed: number, path: string): unknown {
  if ('const' in node) return node.const
  if (node.enum !== undefined) return node.enum[seed % node.enum.length]
  const options = node.anyOf ?? node.oneOf
  if (options !== undefined) return makeValue(options[seed % options.length] as Node, seed, path)
  if (node.allOf !== undefined) return textOf(Object.assign({}, node, ...node.allOf), seed)
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(node.properties ?? {}).map(([name, member]) => [
          name,
          makeValue(member, seed, `${path}.${name}`),
        ]),
      )
    case 'array': {
      const length = Math.max(node.minItems ?? 0, Math.min(node.maxItems ?? 2, 1 + (seed % 2)))
      return Array.from({ length }, (_, i) => makeValue(node.items ?? {}, seed + i, `${path}[${i}]`))
    }
    case 'string':
      return textOf(node, seed)
    case 'integer':
    case 'number':
      return Math.max(node.minimum ?? 0, 0) + (seed % 3)
    case 'boolean':
      return seed % 2 === 0
    default:
      return null
  }
}

function textOf({ pattern, format, minLength = 0, maxLength = 64 }: Node, seed: number): string {
  if (format === 'email') return 'claire@example.org'
  if (pattern?.includes('T\\d\\d:')) return `2026-11-24T08:00:0${seed % 10}.000Z`
  if (pattern?.includes('\\d{4}-\\d\\d-\\d\\d')) return '2026-11-24'
  if (pattern === undefined || pattern === '^[A-Za-z0-9_-]*$')
    return 'A'.repeat(Math.max(minLength, Math.min(8, maxLength)))
  return (
    fc.sample(fc.stringMatching(new RegExp(pattern), { maxLength: Math.max(minLength, 64) } as never), {
      numRuns: 1,
      seed,
    })[0] ?? ''
  )
}
