export { main } from './main.ts';
export type { Host, TextOutput } from './host.ts';
