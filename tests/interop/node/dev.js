// What `grantor dev` wrote about itself.
import { readFileSync } from 'node:fs';

export const dev = JSON.parse(readFileSync(process.env.GRANTOR_DEV_JSON, 'utf8'));
export const scope = dev.api.scopes.slice(0, 2).map((scope) => scope.name ?? scope).join(' ');
