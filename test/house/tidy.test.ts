import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { sourceOf } from '../../setup/coverage.ts'
import { untested } from './untested.ts'

const root = resolve(import.meta.dirname, '../..')

/** Every file that is, or is about to be, in git. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter(path => path !== '' && existsSync(join(root, path)))

const text = (path: string) => readFileSync(join(root, path), 'utf8')
const sources = files.filter(path => /^src\/.*\.tsx?$/.test(path))
const ours = files
  .filter(path => /\.([cm]?[jt]sx?|md|json|css|html|yml)$|^bin\/|^\.ci\//.test(path))
  .filter(path => !/^(test\/vectors\/|package-lock)/.test(path))

/** The lines of a text that match, as `file:line`. */
const places = (path: string, pattern: RegExp, content = text(path)) =>
  content.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : []))

/** A module that only declares types or hands on what others export has nothing to run, so no test of its own. */
const hasCode = (path: string) =>
  ts
    .createSourceFile(path, text(path), ts.ScriptTarget.Latest)
    .statements.some(
      statement =>
        !ts.isInterfaceDeclaration(statement) &&
        !ts.isTypeAliasDeclaration(statement) &&
        !ts.isImportDeclaration(statement) &&
        !ts.isExportDeclaration(statement),
    )

t.test('one concept, one small file', async t => {
  for (const path of sources) {
    const lines = text(path).split('\n').length
    if (lines > 400) t.fail(`${path} has ${lines} lines: above 400 it is two files`)
  }
  t.pass(`${sources.length} source files`)
})

t.test('every module has the test that answers for it, or a reason', async t => {
  const answered = new Set(files.filter(path => /^test\/.*\.test\.ts$/.test(path)).map(path => sourceOf(path)))
  const alone = sources.filter(path => !answered.has(path.replace(/x$/, '')) && hasCode(path))
  const covers = (reason: string, path: string) => path === reason || (reason.endsWith('/') && path.startsWith(reason))
  const reasons = Object.keys(untested)
  t.same(
    alone.filter(path => !reasons.some(reason => covers(reason, path))),
    [],
    'write test/… for it, or say in untested.ts what tests it',
  )
  t.same(
    reasons.filter(reason => !alone.some(path => covers(reason, path))),
    [],
    'untested.ts lists only what has no test',
  )
  const folders = new Set(sources.map(path => path.split('/')[1]))
  t.same(
    [...answered].filter(path => path && folders.has(path.split('/')[1]) && !existsSync(join(root, path))),
    [],
    'a test in a folder that mirrors src names a module of src',
  )
})

t.test('nothing left for later, nothing unnamed', async t => {
  t.same(
    sources.flatMap(path => places(path, /\b(TODO|FIXME|XXX|HACK)\b/)),
    [],
  )
  t.same(
    sources.flatMap(path => places(path, /^(?!\s*\*)((?!\/\/).)*\bas any\b|@ts-ignore|@ts-nocheck/)),
    [],
  )
  t.same(
    files.filter(path => /^(src|test|setup|bench)\/(.*\/)?(utils?|misc|helpers?|common)(\.|\/)/.test(path)),
    [],
  )
  t.same(
    files.filter(path => /^test\/.*\.test\.ts$/.test(path)).flatMap(path => places(path, /\bt\.only\(|\bonly: true\b/)),
    [],
  )
})

t.test('no private key in git', async t => {
  const pem = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}/
  const jwk = /"d"\s*:\s*"[A-Za-z0-9_-]{40,}"/
  const age = /AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]{40}/
  const stray = (content: string) =>
    pem.test(content) || age.test(content) || (jwk.test(content) && /"kty"/.test(content))
  // seeds are bare random bytes: only the name of their file tells
  t.same(
    files.filter(path => /\.(key|p12|pfx|jks|setup|seed)$|\.key\.(pem|der|json)$/.test(path)),
    [],
    'keys are made at first start, under data/',
  )
  // published keys of published vectors: everyone has them
  const published = files.filter(path => path.startsWith('test/vectors/'))
  t.same(
    files.filter(path => !published.includes(path) && stray(text(path))),
    [],
  )
  const begin = (name: string) => `-----BEGIN ${name}-----\n${'MC4CAQAw'.repeat(8)}\n`
  t.ok(
    stray(begin('PRIVATE KEY')) && stray(begin('EC PRIVATE KEY')) && stray(begin('ENCRYPTED PRIVATE KEY')),
    'a planted PEM is found',
  )
  t.ok(stray(JSON.stringify({ kty: 'OKP', d: 'A'.repeat(43) })), 'a planted JWK is found')
  t.notOk(stray(begin('PUBLIC KEY')))
})

t.test('no path of the machine it was written on', async t => {
  const escaped = (path: string) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  // A folder directly below / (a container's /app or /src) is no telling name.
  const own = [root, homedir()].filter(path => path.split('/').length > 2 || path === '/root').map(escaped)
  const machine = new RegExp(`(?<![\\w.:/-])(${[...own, '/home/[a-z][a-z0-9]*', '/Users/[A-Za-z]+'].join('|')})/`)
  t.same(
    ours.flatMap(path => places(path, machine)),
    [],
  )
  t.ok(machine.test(`see "${join('/', 'home', 'someone', 'x')}"`), 'a planted one is found')
})

t.test('every relative link of every page leads somewhere', async t => {
  const pages = files.filter(path => path.endsWith('.md') && !path.startsWith('test/vectors/'))
  const broken = pages.flatMap(page => {
    const prose = text(page)
      .replace(/```[\s\S]*?```/g, '')
      .replace(/`[^`\n]*`/g, '')
    const links = [...prose.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)].map(match => match[1] ?? '')
    return links
      .filter(link => !/^[a-z][a-z0-9+.-]*:|^#/i.test(link))
      .map(link => decodeURIComponent(link.replace(/[#?].*$/, '')))
      .filter(link => !existsSync(join(root, dirname(page), link)))
      .map(link => `${page} → ${link}`)
  })
  t.same(broken, [])
})
