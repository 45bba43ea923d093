// Plain JavaScript: see packages.mjs.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { environment, pinnedNode } from './packages.mjs'

/**
 * Runs a module on the pinned Node in place of this process, as far as the platform allows: same terminal, same arguments,
 * same signals, same exit code. Never returns.
 * @param {string} module absolute path
 * @param {string[]} args
 */
export const launch = (module, args) => {
  const argv = [module, ...args]
  // Newer Nodes can become the program; then there is no second process, and nothing to pass on.
  process.execve?.(pinnedNode, [pinnedNode, ...argv], environment)
  const child = spawn(pinnedNode, argv, { stdio: 'inherit', env: environment })
  const forward = signal => {
    // From a terminal Ctrl-C reaches the whole foreground group, the child included: sending it again would count twice.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']
  for (const signal of signals) process.on(signal, forward)
  child.on('error', error => {
    console.error(`The pinned Node cannot run: ${error.message}. Remove node_modules and run: npm ci`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
    // A signal that this process survives (or that takes its time) still ends it, with the shell's number for it.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 500)
  })
}
