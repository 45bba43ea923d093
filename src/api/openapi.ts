/**
 * The API as an OpenAPI 3.1 document: routes as they were made (route.ts), bodies and answers from the very schemas that
 * validate them, every problem from the table of statuses. Nothing in it is written twice.
 */
import { z } from 'zod'
import { Anchors } from '../protocol/anchors.ts'
import { ActingPerson } from '../protocol/entry.ts'
import * as messages from '../protocol/messages.ts'
import { PROBLEM_CODES, Problem } from '../protocol/problems.ts'
import { IdentityPaper, SetProof, Slot, StateSets, StoredDocument } from '../protocol/record.ts'
import * as succession from '../protocol/succession.ts'
import type { ListenerName } from './context.ts'
import type { DescribedRoute, MediaType } from './route.ts'
import { STATUSES } from './statuses.ts'

/** A piece of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type JsonObject = { readonly [name: string]: Json }

/** The document, as far as our own code reads it again. */
export interface ApiDescription {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonObject>>
    readonly parameters: Readonly<Record<string, Parameter>>
    readonly responses: Readonly<Record<string, JsonObject>>
    readonly securitySchemes: Readonly<Record<string, JsonObject>>
    readonly examples: Readonly<Record<string, { readonly summary: string; readonly value: Problem }>>
  }
}

interface Operation {
  readonly summary: string
  readonly operationId: string
  readonly servers: readonly { readonly url: string; readonly description: ListenerName }[]
  readonly security: readonly JsonObject[]
  readonly parameters: readonly (Parameter | { readonly $ref: string })[]
  readonly requestBody?: JsonObject
  readonly responses: JsonObject
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonObject
}

/** Objects with a name of their own in the document; all else stands where it is used. */
const NAMED: Readonly<Record<string, unknown>> = {
  ...messages,
  ...succession,
  IdentityPaper,
  ActingPerson,
  Anchors,
  Problem,
  SetProof,
  Slot,
  StateSets,
  StoredDocument,
}

const registry = z.registry<{ id: string }>()
const names = new Map<z.ZodType, string>()
for (const [id, schema] of Object.entries(NAMED)) {
  if (!(schema instanceof z.ZodObject)) continue
  registry.add(schema, { id })
  names.set(schema, id)
}

/** What stands in an address, by the name it has in a route's path. */
const PATH_PARTS: Readonly<Record<string, string>> = {
  r: 'Record id, 16 bytes in base64url',
  d: 'Document id, 16 bytes in base64url',
  u: 'Upload id, 16 bytes in base64url',
  n: 'Number of the part, 0 first',
  compartment: 'Compartment id, 16 bytes in base64url',
  request: 'Id of an access request, 16 bytes in base64url',
  identity: 'Hash of an identity that was proposed, 32 bytes in base64url',
  session: 'Name of a session: the hash of its id, 32 bytes in base64url',
  pairing: 'Name of a new device that waits, 32 bytes in base64url',
  choice: '`on` or `off`',
  hash: 'SHA-256, 32 bytes in base64url',
  key: 'Public key of a mailed code, 32 bytes in base64url',
  nationalId: 'National id of a professional or establishment',
  path: 'Path of the tile; unlike what OpenAPI can say, it has slashes',
}

/** Header fields of a signed request. */
const SIGNATURE_FIELDS: Readonly<Record<string, Parameter>> = {
  'content-digest': field('content-digest', 'SHA-256 of the body (RFC 9530), of an empty one too', true),
  'signature-input': field('signature-input', 'What is covered, and by which key (RFC 9421)', true),
  signature: field('signature', 'Ed25519 signature (RFC 9421)', true),
  'coffre-seen': field('coffre-seen', 'What the caller has seen of the log', true),
  'coffre-session': field('coffre-session', 'Session of a signed-in patient', true),
  'coffre-acting': field('coffre-acting', 'The acting person of an establishment; nobody else sends it', false),
}

function field(name: string, description: string, required: boolean): Parameter {
  return { name, in: 'header', required, description, schema: { type: 'string' } }
}

/** The description, made when it is first asked for: by then every route is there. */
export function describeApi(routes: () => readonly DescribedRoute[], anchors: Anchors): () => ApiDescription {
  let made: ApiDescription | undefined
  return () => {
    made ??= makeDescription(routes(), anchors)
    return made
  }
}

function makeDescription(routes: readonly DescribedRoute[], { urls, deployment }: Anchors): ApiDescription {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/[:*]([A-Za-z]+)/g, '{$1}')
    paths[path] ??= {}
    const methods = paths[path]
    const method = route.method.toLowerCase()
    const server = { url: urls[route.listener], description: route.listener }
    const known = methods[method]
    // The same route on both listeners: the same answers, each to its own callers.
    methods[method] =
      known === undefined
        ? operation(route, path, server)
        : {
            ...known,
            servers: [...known.servers, server],
            security: [...known.security, ...securityOf(route)],
          }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Coffre',
      version: '1',
      description: `Deployment ${deployment}. What the statements inside mean, and how a request is signed, is in docs/protocol.`,
    },
    paths,
    components: {
      schemas: schemas(),
      parameters: SIGNATURE_FIELDS,
      responses: { Refused: refused() },
      securitySchemes: {
        signature: {
          type: 'http',
          scheme: 'signature',
          description:
            'HTTP message signature (RFC 9421), docs/protocol/request-signature.md. Scopes: whose key signs.',
        },
        card: { type: 'mutualTLS', description: 'The certificate of the signing key’s holder, by a trusted authority' },
      },
      examples: problemExamples(),
    },
  }
}

function operation(route: DescribedRoute, path: string, server: Operation['servers'][0]): Operation {
  const { method, summary, answer, body, query, signedBy, session } = route
  const parts = [...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name = '']) => partOf(name))
  const fields = signedBy.length === 0 ? [] : ['content-digest', 'signature-input', 'signature', 'coffre-seen']
  if (session && signedBy.every(kind => kind === 'patient') && signedBy.length > 0) fields.push('coffre-session')
  if (signedBy.includes('establishment')) fields.push('coffre-acting')
  return {
    summary,
    operationId: `${method.toLowerCase()}${path.replace('/v1/', '/').replaceAll(/[^A-Za-z]+(.)?/g, (_, c = '') => c.toUpperCase())}`,
    servers: [server],
    security: securityOf(route),
    parameters: [
      ...parts,
      ...queryOf(query),
      ...fields.map(name => ({ $ref: `#/components/parameters/${name}` })),
      ...(path.endsWith('/body') ? [field('range', '`bytes=from-to` or `bytes=from-`, one range only', false)] : []),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }),
    responses: {
      200: { description: 'Done', content: contentOf(answer) },
      ...(path.endsWith('/body') ? { 206: { description: 'The range', content: contentOf(answer) } } : {}),
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Refused' },
    },
  }
}

function securityOf({ signedBy, listener }: DescribedRoute): JsonObject[] {
  const card = listener === 'professionals' ? { card: [] } : {}
  return [{ ...card, ...(signedBy.length === 0 ? {} : { signature: [...signedBy] }) }]
}

function partOf(name: string): Parameter {
  const description = PATH_PARTS[name]
  if (description === undefined) throw new TypeError(`openapi.ts does not say what {${name}} in a path is`)
  return { name, in: 'path', required: true, description, schema: { type: 'string' } }
}

function queryOf(query: z.ZodObject | undefined): Parameter[] {
  if (query === undefined) return []
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !schema.safeParse(undefined).success,
    schema: schemaOf(schema as z.ZodType),
  }))
}

function contentOf(body: z.ZodType | MediaType): JsonObject {
  if (typeof body === 'string') return { [body]: { schema: { type: 'string' } } }
  const name = names.get(body)
  return { 'application/json': { schema: name === undefined ? schemaOf(body) : { $ref: refOf(name) } } }
}

const refOf = (id: string) => `#/components/schemas/${id}`

function schemaOf(schema: z.ZodType): JsonObject {
  return withoutMarks(z.toJSONSchema(schema, { io: 'input' }) as JsonObject)
}

function schemas(): Record<string, JsonObject> {
  const { schemas: made } = z.toJSONSchema(registry, { io: 'input', uri: refOf })
  const clean = Object.entries(made).map(([name, schema]) => [name, withoutMarks(schema as JsonObject)] as const)
  return Object.fromEntries(clean)
}

/** Inside a document a schema is no document of its own. */
function withoutMarks({ $schema: _, $id: __, ...rest }: JsonObject): JsonObject {
  return rest
}

function refused(): JsonObject {
  const examples = Object.fromEntries(PROBLEM_CODES.map(code => [code, { $ref: `#/components/examples/${code}` }]))
  const content = { 'application/problem+json': { schema: { $ref: refOf('Problem') }, examples } }
  return { description: 'A refusal: problem details (RFC 9457), in French or in English', content }
}

function problemExamples(): ApiDescription['components']['examples'] {
  const examples = PROBLEM_CODES.map(code => {
    const { status, en, fr } = STATUSES[code]
    const [title, detail] = en
    const value = { type: `urn:coffre:problem:${code}`, title, status, detail, code }
    return [code, { summary: `${status} ${fr[0]} / ${title}`, value }] as const
  })
  return Object.fromEntries(examples)
}
