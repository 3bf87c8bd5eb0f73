complete -c kvd -l port -d 'TCP port, 0 for none [default: 6379]' -r -f
complete -c kvd -l tls-port -d 'TLS port; needs tls-cert-file and tls-key-file' -r -f
complete -c kvd -l bind -d 'addresses to listen on [default: all]' -r -f
complete -c kvd -l unixsocket -d 'Unix socket to listen on' -r -F
complete -c kvd -l threads -d 'worker threads [default: one per core]' -r -f
complete -c kvd -l requirepass -d 'password that clients must give' -r -f
complete -c kvd -l protected-mode -d 'without password, serve this machine only' -r -f -a "yes\t''
no\t''"
complete -c kvd -l maxclients -d 'most clients at a time [default: 10000]' -r -f
complete -c kvd -l timeout -d 'close clients that are idle for so long' -r -f
complete -c kvd -l databases -d 'number of databases [default: 16]' -r -f
complete -c kvd -l dir -d 'working directory' -r -f -a "(__fish_complete_directories)"
complete -c kvd -l loglevel -d 'debug, verbose, notice, warning or nothing' -r -f -a "debug\t''
verbose\t''
notice\t''
warning\t''
nothing\t''"
complete -c kvd -l logfile -d 'log to a file, not to standard output' -r -F
complete -c kvd -l http-port -d 'HTTP port for /metrics, /healthz and /readyz' -r -f
complete -c kvd -l supervised -d 'systemd or auto: tell it when kvd is ready' -r -f -a "upstart\t''
systemd\t''
auto\t''
no\t''"
complete -c kvd -l acl-pubsub-default -d 'allchannels, resetchannels [default: resetchannels]' -r -f -a "allchannels\t''
resetchannels\t''"
complete -c kvd -l aclfile -d '' -r -F
complete -c kvd -l acllog-max-len -d '[default: 128]' -r -f
complete -c kvd -l active-defrag-cycle-max -d '1 to 99 [default: 25] (no effect yet)' -r -f
complete -c kvd -l active-defrag-cycle-min -d '1 to 99 [default: 1] (no effect yet)' -r -f
complete -c kvd -l active-defrag-cycle-us -d '0 to 100000 [default: 500] (no effect yet)' -r -f
complete -c kvd -l active-defrag-ignore-bytes -d '[default: 104857600] (no effect yet)' -r -f
complete -c kvd -l active-defrag-max-scan-fields -d '[default: 1000] (no effect yet)' -r -f
complete -c kvd -l active-defrag-threshold-lower -d '0 to 1000 [default: 10] (no effect yet)' -r -f
complete -c kvd -l active-defrag-threshold-upper -d '0 to 1000 [default: 100] (no effect yet)' -r -f
complete -c kvd -l active-expire-effort -d '1 to 10 [default: 1] (no effect yet)' -r -f
complete -c kvd -l activedefrag -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l activerehashing -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l always-show-logo -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l aof-load-truncated -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l aof-rewrite-cpulist -d '[also: aof_rewrite_cpulist] (no effect yet)' -r -f
complete -c kvd -l aof-rewrite-incremental-fsync -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l aof-timestamp-enabled -d '[default: no]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l aof-use-rdb-preamble -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l appenddirname -d '[default: appendonlydir]' -r -f
complete -c kvd -l appendfilename -d '[default: appendonly.aof]' -r -f
complete -c kvd -l appendfsync -d 'everysec, always, no [default: everysec]' -r -f -a "everysec\t''
always\t''
no\t''"
complete -c kvd -l appendonly -d '[default: no]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l auto-aof-rewrite-min-size -d '[default: 67108864]' -r -f
complete -c kvd -l auto-aof-rewrite-percentage -d '[default: 100]' -r -f
complete -c kvd -l availability-zone -d '' -r -f
complete -c kvd -l bgsave-cpulist -d '[also: bgsave_cpulist] (no effect yet)' -r -f
complete -c kvd -l bind-source-addr -d '(no effect yet)' -r -f
complete -c kvd -l bio-cpulist -d '[also: bio_cpulist] (no effect yet)' -r -f
complete -c kvd -l busy-reply-threshold -d '[default: 5000] [also: lua-time-limit] (no effect yet)' -r -f
complete -c kvd -l client-output-buffer-limit -d '[default: normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60]' -r -f
complete -c kvd -l client-query-buffer-limit -d '[default: 1073741824]' -r -f
complete -c kvd -l cluster-allow-pubsubshard-when-down -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l cluster-allow-reads-when-down -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l cluster-allow-replica-migration -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l cluster-announce-bus-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-announce-client-ipv4 -d '(no effect yet)' -r -f
complete -c kvd -l cluster-announce-client-ipv6 -d '(no effect yet)' -r -f
complete -c kvd -l cluster-announce-client-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-announce-client-tls-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-announce-hostname -d '(no effect yet)' -r -f
complete -c kvd -l cluster-announce-human-nodename -d '(no effect yet)' -r -f
complete -c kvd -l cluster-announce-ip -d '(no effect yet)' -r -f
complete -c kvd -l cluster-announce-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-announce-tls-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-blacklist-ttl -d '[default: 60] (no effect yet)' -r -f
complete -c kvd -l cluster-compatibility-sample-ratio -d '0 to 100 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-config-file -d '[default: nodes.conf] (no effect yet)' -r -f
complete -c kvd -l cluster-config-save-behavior -d 'sync, best-effort [default: sync] (no effect yet)' -r -f -a "sync\t''
best-effort\t''"
complete -c kvd -l cluster-databases -d '[default: 1] (no effect yet)' -r -f
complete -c kvd -l cluster-enabled -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l cluster-link-sendbuf-limit -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-manual-failover-timeout -d '[default: 5000] (no effect yet)' -r -f
complete -c kvd -l cluster-migration-barrier -d '[default: 1] (no effect yet)' -r -f
complete -c kvd -l cluster-node-timeout -d '[default: 15000] (no effect yet)' -r -f
complete -c kvd -l cluster-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l cluster-preferred-endpoint-type -d 'ip, hostname, unknown-endpoint [default: ip] (no effect yet)' -r -f -a "ip\t''
hostname\t''
unknown-endpoint\t''"
complete -c kvd -l cluster-replica-no-failover -d '[default: no] [also: cluster-slave-no-failover] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l cluster-replica-validity-factor -d '[default: 10] [also: cluster-slave-validity-factor] (no effect yet)' -r -f
complete -c kvd -l cluster-require-full-coverage -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l cluster-slot-migration-log-max-len -d '[default: 1000] (no effect yet)' -r -f
complete -c kvd -l cluster-slot-stats-enabled -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l commandlog-execution-slower-than -d '[default: 10000] [also: slowlog-log-slower-than]' -r -f
complete -c kvd -l commandlog-large-reply-max-len -d '[default: 128]' -r -f
complete -c kvd -l commandlog-large-request-max-len -d '[default: 128]' -r -f
complete -c kvd -l commandlog-reply-larger-than -d '[default: 1048576]' -r -f
complete -c kvd -l commandlog-request-larger-than -d '[default: 1048576]' -r -f
complete -c kvd -l commandlog-slow-execution-max-len -d '[default: 128] [also: slowlog-max-len]' -r -f
complete -c kvd -l crash-log-enabled -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l crash-memcheck-enabled -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l daemonize -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l dbfilename -d '[default: dump.rdb]' -r -f
complete -c kvd -l disable-thp -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l dual-channel-replication-enabled -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l dynamic-hz -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l enable-debug-command -d 'no, yes, local [default: no]' -r -f -a "no\t''
yes\t''
local\t''"
complete -c kvd -l enable-module-command -d 'no, yes, local [default: no] (no effect yet)' -r -f -a "no\t''
yes\t''
local\t''"
complete -c kvd -l enable-protected-configs -d 'no, yes, local [default: no]' -r -f -a "no\t''
yes\t''
local\t''"
complete -c kvd -l extended-redis-compatibility -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l hash-max-listpack-entries -d '[default: 512] [also: hash-max-ziplist-entries]' -r -f
complete -c kvd -l hash-max-listpack-value -d '[default: 64] [also: hash-max-ziplist-value]' -r -f
complete -c kvd -l hash-seed -d '(no effect yet)' -r -f
complete -c kvd -l hide-user-data-from-log -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l hll-sparse-max-bytes -d '[default: 3000]' -r -f
complete -c kvd -l http-bind -d '[default: 127.0.0.1 -::1]' -r -f
complete -c kvd -l hz -d '[default: 10] (no effect yet)' -r -f
complete -c kvd -l ignore-warnings -d '(no effect yet)' -r -f
complete -c kvd -l import-mode -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l io-threads -d '1 to 256 [default: 1] (no effect yet)' -r -f
complete -c kvd -l jemalloc-bg-thread -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l latency-monitor-threshold -d '[default: 0]' -r -f
complete -c kvd -l latency-tracking -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l latency-tracking-info-percentiles -d '[default: 50 99 99.9]' -r -f
complete -c kvd -l lazyfree-lazy-eviction -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l lazyfree-lazy-expire -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l lazyfree-lazy-server-del -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l lazyfree-lazy-user-del -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l lazyfree-lazy-user-flush -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l lfu-decay-time -d '[default: 1]' -r -f
complete -c kvd -l lfu-log-factor -d '[default: 10]' -r -f
complete -c kvd -l list-compress-depth -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l list-max-listpack-size -d '[default: -2] [also: list-max-ziplist-size]' -r -f
complete -c kvd -l locale-collate -d '(no effect yet)' -r -f
complete -c kvd -l log-format -d 'legacy, logfmt, json [default: legacy] (no effect yet)' -r -f -a "legacy\t''
logfmt\t''
json\t''"
complete -c kvd -l log-timestamp-format -d 'legacy, iso8601, milliseconds [default: legacy] (no effect yet)' -r -f -a "legacy\t''
iso8601\t''
milliseconds\t''"
complete -c kvd -l max-new-connections-per-cycle -d '1 to 1000 [default: 10] (no effect yet)' -r -f
complete -c kvd -l max-new-tls-connections-per-cycle -d '1 to 1000 [default: 1] (no effect yet)' -r -f
complete -c kvd -l maxmemory -d '[default: 0]' -r -f
complete -c kvd -l maxmemory-clients -d '[default: 0]' -r -f
complete -c kvd -l maxmemory-eviction-tenacity -d '0 to 100 [default: 10]' -r -f
complete -c kvd -l maxmemory-policy -d 'volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction [default: noeviction]' -r -f -a "volatile-lru\t''
volatile-lfu\t''
volatile-random\t''
volatile-ttl\t''
allkeys-lru\t''
allkeys-lfu\t''
allkeys-random\t''
noeviction\t''"
complete -c kvd -l maxmemory-samples -d '1 to 64 [default: 5]' -r -f
complete -c kvd -l min-replicas-max-lag -d '[default: 10] [also: min-slaves-max-lag] (no effect yet)' -r -f
complete -c kvd -l min-replicas-to-write -d '[default: 0] [also: min-slaves-to-write] (no effect yet)' -r -f
complete -c kvd -l mptcp -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l no-appendfsync-on-rewrite -d '[default: no]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l notify-keyspace-events -d '' -r -f
complete -c kvd -l oom-score-adj -d 'no, yes, relative, absolute [default: no] (no effect yet)' -r -f -a "no\t''
yes\t''
relative\t''
absolute\t''"
complete -c kvd -l oom-score-adj-values -d '[default: 0 200 800] (no effect yet)' -r -f
complete -c kvd -l pidfile -d '' -r -F
complete -c kvd -l primaryauth -d '[also: masterauth] (no effect yet)' -r -f
complete -c kvd -l primaryuser -d '[also: masteruser] (no effect yet)' -r -f
complete -c kvd -l proc-title-template -d '[default: {title} {listen-addr} {server-mode}] (no effect yet)' -r -f
complete -c kvd -l propagation-error-behavior -d 'ignore, panic, panic-on-replicas [default: ignore] (no effect yet)' -r -f -a "ignore\t''
panic\t''
panic-on-replicas\t''"
complete -c kvd -l proto-max-bulk-len -d '[default: 536870912]' -r -f
complete -c kvd -l rdb-del-sync-files -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l rdb-save-incremental-fsync -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l rdb-version -d 'auto, 10, 11, 12, 80 [default: auto]' -r -f -a "auto\t''
10\t''
11\t''
12\t''
80\t''"
complete -c kvd -l rdb-version-check -d 'strict, relaxed [default: strict] (no effect yet)' -r -f -a "strict\t''
relaxed\t''"
complete -c kvd -l rdbchecksum -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l rdbcompression -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l rdma-bind -d '(no effect yet)' -r -f
complete -c kvd -l rdma-completion-vector -d '-1 to 1024 [default: -1] (no effect yet)' -r -f
complete -c kvd -l rdma-port -d '0 to 65535 [default: 0] (no effect yet)' -r -f
complete -c kvd -l rdma-rx-size -d '65536 to 16777216 [default: 1048576] (no effect yet)' -r -f
complete -c kvd -l repl-backlog-size -d '[default: 10485760] (no effect yet)' -r -f
complete -c kvd -l repl-backlog-ttl -d '[default: 3600] (no effect yet)' -r -f
complete -c kvd -l repl-disable-tcp-nodelay -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l repl-diskless-load -d 'disabled, on-empty-db, swapdb, flush-before-load [default: disabled] (no effect yet)' -r -f -a "disabled\t''
on-empty-db\t''
swapdb\t''
flush-before-load\t''"
complete -c kvd -l repl-diskless-sync -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l repl-diskless-sync-delay -d '[default: 5] (no effect yet)' -r -f
complete -c kvd -l repl-diskless-sync-max-replicas -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l repl-mptcp -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l repl-ping-replica-period -d '[default: 10] [also: repl-ping-slave-period] (no effect yet)' -r -f
complete -c kvd -l repl-timeout -d '[default: 60] (no effect yet)' -r -f
complete -c kvd -l replica-announce-ip -d '[also: slave-announce-ip] (no effect yet)' -r -f
complete -c kvd -l replica-announce-port -d '0 to 65535 [default: 0] [also: slave-announce-port] (no effect yet)' -r -f
complete -c kvd -l replica-announced -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l replica-full-sync-buffer-limit -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l replica-ignore-disk-write-errors -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l replica-ignore-maxmemory -d '[default: yes] [also: slave-ignore-maxmemory] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l replica-lazy-flush -d '[default: yes] [also: slave-lazy-flush] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l replica-priority -d '[default: 100] [also: slave-priority] (no effect yet)' -r -f
complete -c kvd -l replica-read-only -d '[default: yes] [also: slave-read-only] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l replica-serve-stale-data -d '[default: yes] [also: slave-serve-stale-data] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l replicaof -d '[also: slaveof] (no effect yet)' -r -f
complete -c kvd -l sanitize-dump-payload -d 'no, yes, clients [default: no] (no effect yet)' -r -f -a "no\t''
yes\t''
clients\t''"
complete -c kvd -l save -d '[default: 3600 1 300 100 60 10000]' -r -f
complete -c kvd -l server-cpulist -d '[also: server_cpulist] (no effect yet)' -r -f
complete -c kvd -l set-max-intset-entries -d '[default: 512]' -r -f
complete -c kvd -l set-max-listpack-entries -d '[default: 128]' -r -f
complete -c kvd -l set-max-listpack-value -d '[default: 64]' -r -f
complete -c kvd -l set-proc-title -d '[default: yes] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l shutdown-on-sigint -d '[default: default]' -r -f
complete -c kvd -l shutdown-on-sigterm -d '[default: default]' -r -f
complete -c kvd -l shutdown-timeout -d '[default: 10] (no effect yet)' -r -f
complete -c kvd -l slot-migration-max-failover-repl-bytes -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l snapshot-memory-max -d '[default: 67108864]' -r -f
complete -c kvd -l socket-mark-id -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l stop-writes-on-bgsave-error -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l stream-node-max-bytes -d '[default: 4096]' -r -f
complete -c kvd -l stream-node-max-entries -d '[default: 100]' -r -f
complete -c kvd -l stripes -d '[default: 1024]' -r -f
complete -c kvd -l syslog-enabled -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l syslog-facility -d 'user, local0, local1, local2, local3, local4, local5, local6, local7 [default: local0] (no effect yet)' -r -f -a "user\t''
local0\t''
local1\t''
local2\t''
local3\t''
local4\t''
local5\t''
local6\t''
local7\t''"
complete -c kvd -l syslog-ident -d '[default: kvd] (no effect yet)' -r -f
complete -c kvd -l tcp-backlog -d '[default: 511]' -r -f
complete -c kvd -l tcp-keepalive -d '[default: 300]' -r -f
complete -c kvd -l tls-auth-clients -d 'no, yes, optional [default: yes]' -r -f -a "no\t''
yes\t''
optional\t''"
complete -c kvd -l tls-auth-clients-user -d 'CN, URI, off [default: off] (no effect yet)' -r -f -a "CN\t''
URI\t''
off\t''"
complete -c kvd -l tls-auto-reload-interval -d '[default: 0] (no effect yet)' -r -f
complete -c kvd -l tls-ca-cert-dir -d '' -r -f -a "(__fish_complete_directories)"
complete -c kvd -l tls-ca-cert-file -d '' -r -F
complete -c kvd -l tls-cert-file -d '' -r -F
complete -c kvd -l tls-ciphers -d '' -r -f
complete -c kvd -l tls-ciphersuites -d '' -r -f
complete -c kvd -l tls-client-cert-file -d '(no effect yet)' -r -F
complete -c kvd -l tls-client-key-file -d '(no effect yet)' -r -F
complete -c kvd -l tls-client-key-file-pass -d '(no effect yet)' -r -f
complete -c kvd -l tls-cluster -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l tls-dh-params-file -d '(no effect yet)' -r -F
complete -c kvd -l tls-key-file -d '' -r -F
complete -c kvd -l tls-key-file-pass -d '(no effect yet)' -r -f
complete -c kvd -l tls-prefer-server-ciphers -d '[default: no]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l tls-protocols -d '' -r -f
complete -c kvd -l tls-replication -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l tls-session-cache-size -d '[default: 20480]' -r -f
complete -c kvd -l tls-session-cache-timeout -d '[default: 300]' -r -f
complete -c kvd -l tls-session-caching -d '[default: yes]' -r -f -a "yes\t''
no\t''"
complete -c kvd -l tracking-table-max-keys -d '[default: 1000000]' -r -f
complete -c kvd -l unixsocketgroup -d '(no effect yet)' -r -f
complete -c kvd -l unixsocketperm -d '[default: 0]' -r -f
complete -c kvd -l vset-force-single-threaded-execution -d '[default: no] (no effect yet)' -r -f -a "yes\t''
no\t''"
complete -c kvd -l zset-max-listpack-entries -d '[default: 128] [also: zset-max-ziplist-entries]' -r -f
complete -c kvd -l zset-max-listpack-value -d '[default: 64] [also: zset-max-ziplist-value]' -r -f
complete -c kvd -s t -l test-config -d 'Check the configuration and end: 0 if it is good, else 1'
complete -c kvd -s v -l version -d 'Print the version'
complete -c kvd -s h -l help -d 'Print help'
