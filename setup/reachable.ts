/**
 * What the host's code can reach. From every module under `vault`, `api` and `cli/host`, all modules reachable inside `src`
 * are computed with TypeScript's parser: static imports, re-exports, `import type`, `import('…')` in code and in types, and
 * workers started from a module's address. None of them may be a module that opens something or makes the keys for it, belong
 * to a party that holds keys, or name one of the platform's own deciphering, decapsulation and key-agreement functions.
 *
 * This is a lint rule against a change that gives the host such a power unnoticed; it is no sandbox against code that hides
 * what it does. Where it cannot follow (an import computed at run time), it says so as a finding.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'

/** Where the host's code begins. */
export const hostRoots = ['src/vault/', 'src/api/', 'src/cli/host/', 'src/cli/host.ts']

/** Modules that the host must not reach, nor learn the types of. */
export const closedToHost = [
  /^src\/crypto\/(seal|box|aead|chunks|message-cipher|web-streams|codes|kit-code|keys|sodium|xwing)\.ts$/,
  /^src\/crypto\/opaque\/client\.ts$/,
  /^src\/(client|portal|dev|ins)\//,
]

/** Packages that the host may reach; any other is a finding, so that no second door to a cipher opens. */
export const packagesOfHost = [
  /^node:(?!vm|module|child_process|inspector|repl|wasi)/,
  /^@noble\/hashes\//,
  /^@noble\/post-quantum\/ml-dsa\.js$/,
  /^(jose|@peculiar\/x509|reflect-metadata|@serenity-kit\/opaque)$/,
  /^(better-sqlite3|zod|express|helmet|pino|nodemailer|smpp)$/,
]

/** Packages that a single module may bring to the host: a door that opens nothing of a library that can. */
export const packagesOfOneModule: Readonly<Record<string, string>> = {
  'src/crypto/sha256-wasm.ts': 'hash-wasm',
  'src/crypto/sodium-sign.ts': 'libsodium-wrappers',
}

/**
 * Names that may not occur in a module that the host reaches: as identifier, as property name, or as a string that is one
 * word. A star stands for anything. They are the ways of the platform and of the libraries to decipher, to decapsulate, to
 * agree on a key, and to load code that this rule cannot see.
 */
export const bannedNames = [
  'createDecipheriv',
  'Decipheriv',
  'privateDecrypt',
  'publicDecrypt',
  'decapsulate*',
  'diffieHellman',
  'createECDH',
  'createDiffieHellman*',
  'getDiffieHellman',
  '*[sS]haredSecret*',
  'deriveBits',
  'deriveKey',
  'unwrapKey',
  '*decrypt*',
  '*Decrypt*',
  'crypto_kem*',
  'crypto_box*',
  'crypto_scalarmult*',
  '*_open',
  '*_open_*',
  '*_pull',
  'createRequire',
  'eval',
]

const banned = new RegExp(`^(${bannedNames.map(name => name.replaceAll('*', '\\S*')).join('|')})$`)

/** Every source file below a folder, by walking it. @param folder absolute path; a missing one is empty */
export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

type Module = {
  /** Path from the root, with slashes. */
  readonly path: string
  readonly imports: readonly string[]
  readonly packages: readonly string[]
  /** Names that occur, each with the line of its first occurrence. */
  readonly names: ReadonlyMap<string, number>
  /** What the parser could not follow. */
  readonly unclear: readonly string[]
}

/** The literal module name of an import or worker, or null when it is computed. */
const literal = (node: ts.Node | undefined): string | null =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : null

const isImportMetaUrl = (node: ts.Node | undefined): boolean =>
  node !== undefined && ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.MetaProperty

/** What a node imports: a module name, `null` when it imports something that cannot be told, `undefined` when nothing. */
function imported(node: ts.Node): string | null | undefined {
  if (ts.isImportDeclaration(node)) return literal(node.moduleSpecifier)
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) return literal(node.moduleSpecifier)
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
    return literal(node.moduleReference.expression)
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : null
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return literal(node.arguments[0])
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    const [first, second] = node.arguments ?? []
    if (node.expression.text === 'URL' && isImportMetaUrl(second)) {
      const address = literal(first)
      return address === null || /\.[cm]?[jt]sx?$/.test(address) ? address : undefined
    }
    // A worker is followed through the `new URL('…', import.meta.url)` that it is given in place.
    if (node.expression.text === 'Worker') {
      const inPlace = first !== undefined && ts.isNewExpression(first) && isImportMetaUrl(first.arguments?.[1])
      return inPlace || isImportMetaUrl(first) ? undefined : null
    }
  }
  return undefined
}

function read(root: string, file: string): Module {
  const path = relative(root, file).split(sep).join('/')
  const source = ts.createSourceFile(path, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const imports: string[] = []
  const packages: string[] = []
  const names = new Map<string, number>()
  const unclear: string[] = []
  const visit = (node: ts.Node): void => {
    const line = () => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
    if (
      ts.isIdentifier(node) ||
      ts.isPrivateIdentifier(node) ||
      ts.isStringLiteralLike(node) ||
      ts.isTemplateLiteralToken(node)
    ) {
      if (!names.has(node.text)) names.set(node.text, line())
    }
    const name = imported(node)
    if (name === null) unclear.push(`${path}:${line()} loads a module whose name is computed: write it in place`)
    else if (name?.startsWith('.'))
      imports.push(
        relative(root, join(dirname(file), name))
          .split(sep)
          .join('/'),
      )
    else if (name !== undefined) packages.push(name)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { path, imports, packages, names, unclear }
}

/**
 * Checks what the host reaches.
 * @param root the checkout (or a tree planted by a test), with `src` below it
 * @returns the modules read, those reachable from the host, and one line per finding (kebab-case kind first)
 */
export function reachableFindings(root: string): { modules: string[]; reached: string[]; findings: string[] } {
  const modules = new Map(
    sourceFiles(join(root, 'src'))
      .map(file => read(root, file))
      .map(module => [module.path, module]),
  )
  const findings: string[] = []
  /** Each reached module and the one that reached it first, to show the way. */
  const from = new Map<string, string | null>()
  const queue = [...modules.keys()].filter(path => hostRoots.some(start => path.startsWith(start)))
  for (const path of queue) from.set(path, null)
  const way = (path: string): string => {
    const before = from.get(path)
    return before ? `${way(before)} → ${path}` : path
  }
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const module = modules.get(path)
    if (module === undefined) {
      findings.push(`not-found: ${way(path)} is imported and is no source file`)
      continue
    }
    if (closedToHost.some(closed => closed.test(path))) {
      findings.push(`closed-to-host: ${way(path)}`)
      continue
    }
    for (const unclear of module.unclear) findings.push(`computed-import: ${unclear} (reached by ${way(path)})`)
    for (const name of module.packages) {
      if (packagesOfOneModule[path] === name) continue
      if (!packagesOfHost.some(known => known.test(name))) findings.push(`package: ${way(path)} → ${name}`)
    }
    for (const [name, line] of module.names) {
      if (banned.test(name)) findings.push(`banned-name: ${name} at ${path}:${line} (reached by ${way(path)})`)
    }
    for (const next of module.imports) {
      if (from.has(next)) continue
      from.set(next, path)
      queue.push(next)
    }
  }
  return { modules: [...modules.keys()], reached: [...from.keys()].filter(path => modules.has(path)), findings }
}
