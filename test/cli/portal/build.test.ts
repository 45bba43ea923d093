import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { buildPortal, type PortalBuild } from '../../../src/cli/portal/build.ts'
import { DEFAULT_PORTS } from '../../../src/dev/layout.ts'
import { ensureWorld } from '../../../src/dev/world.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const world = await ensureWorld({ data: testFolder(t), ports: DEFAULT_PORTS, at: new Date() })
const anchors = JSON.stringify(world.anchors)
const ORIGIN = 'https://dmp.example'
const built = await buildPortal({ anchors, origin: ORIGIN })

const bytesOf = ({ files }: PortalBuild, path: string) => {
  const file = files.find(each => each.path === path)
  if (file === undefined) throw new Error(`no ${path}`)
  return Buffer.from(file.bytes)
}
const text = (path: string) => bytesOf(built, path).toString()

t.test('the same sources, anchors and origin give the same bytes', async t => {
  const again = await buildPortal({ anchors: JSON.stringify(JSON.parse(anchors), null, 4), origin: ORIGIN })
  t.equal(again.hash, built.hash, 'however the anchors file is spaced')
  t.equal(built.hash, createHash('sha256').update(bytesOf(built, 'portal.json')).digest('base64url'))
  const elsewhere = await buildPortal({ anchors, origin: 'http://127.0.0.1:8480' })
  t.not(elsewhere.hash, built.hash)
  t.notOk(elsewhere.headers['strict-transport-security'], 'not over plain HTTP')
  const list = JSON.parse(text('portal.json'))
  for (const { path, bytes, integrity } of built.files) {
    t.equal(integrity, `sha384-${createHash('sha384').update(bytes).digest('base64')}`)
    if (path !== 'portal.json') t.equal(list.files[path], integrity, path)
  }
  t.same(list.headers, built.headers)
})

t.test('each file is pinned by the one before it', async t => {
  const [app, worker, style] = ['app.js', 'worker.js', 'style.css'].map(
    path => built.files.find(file => file.path === path)?.integrity ?? '-',
  ) as [string, string, string]
  t.ok(text('index.html').includes(`src="/app.js" integrity="${app}"`))
  t.ok(text('index.html').includes(`href="/style.css" integrity="${style}"`))
  t.ok(text('app.js').includes(`integrity:"${worker}"`), 'and asked for under it')
  t.notMatch(text('index.html'), /\{\{/)
})

t.test('the first load is small, and holds no cryptography', async t => {
  const first = built.files.filter(({ path }) => !/^(worker\.js|portal\.json|pdf\..*)$/.test(path))
  const size = first.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0)
  t.ok(size <= 300 * 1024, `${Math.round(size / 1024)} KiB compressed`)
  t.notMatch(text('app.js'), /libsodium|ZodError|opaque/i)
  t.ok(text('worker.js').includes(world.anchors.insurerKey), 'the anchors are compiled in')
})

t.test('the policy lets the pages do what they need and no more', async t => {
  const policy = built.headers['content-security-policy'] ?? ''
  const of = (name: string) => new RegExp(`(?:^|; )${name} ([^;]*)`).exec(policy)?.[1]
  t.equal(of('default-src'), "'none'")
  t.equal(of('script-src'), "'self' 'wasm-unsafe-eval'")
  t.equal(of('connect-src'), `${world.anchors.urls.patients} ${ORIGIN}/worker.js`)
  t.equal(of('worker-src'), 'blob:')
  t.match(of('style-src'), /^'self' 'sha256-[A-Za-z0-9+/]{43}='$/)
  t.equal(of('require-trusted-types-for'), "'script'")
  for (const name of ['base-uri', 'form-action', 'frame-ancestors']) t.equal(of(name), "'none'")
  t.notMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*|https?:\/\/(?!127\.0\.0\.1|dmp\.example)/)
  t.match(built.headers['strict-transport-security'], /max-age=\d{8}/)
  t.notMatch(text('index.html'), /<script(?![^>]*src=)|style="|\son[a-z]+="/, 'nothing inline')
})

t.test('the frame that draws PDFs has no origin and no connection', async t => {
  const { 'pdf.html': page, ...others } = built.exceptions
  const policy = page?.['content-security-policy'] ?? ''
  t.match(policy, /^default-src 'none'; script-src https:\/\/dmp\.example\/pdf\.js; /)
  t.match(policy, /; sandbox allow-scripts$/)
  t.notMatch(policy, /connect-src|frame-src|worker-src|allow-same-origin|unsafe/)
  t.same(Object.keys(others), ['pdf.js', 'pdf.css'])
})

t.test('refuses an origin that is none', async t => {
  for (const origin of ['dmp.example', 'https://dmp.example/', 'https://dmp.example/x', '']) {
    await t.rejects(buildPortal({ anchors, origin }), { code: 'usage' }, origin)
  }
  await t.rejects(buildPortal({ anchors: '{}', origin: ORIGIN }), { code: 'anchors-invalid' })
})
