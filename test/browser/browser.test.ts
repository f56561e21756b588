// The browser suite: everything that needs a real Chromium, in one file because one process drives one browser at a time.
import { findChromium } from './browser.ts'
import { tellWebAlone } from './web-alone.ts'
import { tellMainJob } from './main-job.ts'
import { tellProvider } from './provider-job.ts'

const chromium = findChromium(process.env)
if (!chromium) console.warn('NOT RUN: the browser suite. Install Chromium (Debian: apt-get install chromium).')

tellWebAlone(chromium)
tellMainJob(chromium)
tellProvider(chromium)
