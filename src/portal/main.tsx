import { render } from 'preact'
import { App } from './app.tsx'
import { TooOld } from './screens/too-old.tsx'

/** What the pages need of a browser (docs/portal.md): without it a screen says so, instead of nothing. */
function isCapable(): boolean {
  return (
    globalThis.isSecureContext &&
    typeof WebAssembly === 'object' &&
    'indexedDB' in globalThis &&
    typeof AbortSignal.any === 'function' &&
    typeof Promise.withResolvers === 'function'
  )
}

const root = document.getElementById('app')
if (root !== null) {
  root.textContent = ''
  render(isCapable() ? <App /> : <TooOld />, root)
}
