/** Version of this product. */
export const version = '0.1.0';

/**
 * Version of Apache Druid whose interfaces are served. It is what `/status` tells: dashboards parse it
 * and switch features off below 0.14.0 or so.
 */
export const druidVersion = '33.0.0';
