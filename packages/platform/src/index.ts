export type { Clock, Disk, Listener, Net, Random, Socket } from './platform.ts';
