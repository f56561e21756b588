// Must be imported before anything of contract: zod else tries `new Function`, which the content security policy reports.
import { config } from 'zod'

config({ jitless: true })
