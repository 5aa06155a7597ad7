// SPDX-License-Identifier: BSD-2-Clause
#include "report/page_parts.h"

void page_style(struct html *html)
{
	html_put(html,
		 ":root{color-scheme:light dark;--back:#fff;--text:#1c2024;--soft:#57606a;"
		 "--line:#d0d7de;--box:#f6f8fa;--kernel:#c0362c;--process:#a86a00;"
		 "--runtime:#7d3fb5;--anon:#4b5bc4;--shmem:#2a9db3;--file:#7aa95c;--kmem:#b8892b;"
		 "--other:#8c959f;--gap:#d0d7de}\n"
		 "@media(prefers-color-scheme:dark){:root{--back:#14171a;--text:#e3e6e9;"
		 "--soft:#9aa4ae;--line:#373e47;--box:#1e2328;--kernel:#ff7b6e;--process:#e0a63a;"
		 "--runtime:#c495f2;--anon:#8f9cff;--shmem:#4fc3d9;--file:#93c572;--kmem:#d8ab52;"
		 "--other:#8b949e;--gap:#373e47}}\n");
	html_put(
		html,
		"body{font:15px/1.45 system-ui,sans-serif;color:var(--text);"
		"background:var(--back);max-width:75rem;margin:0 auto;padding:1rem 1.25rem}\n"
		"h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0 .2rem;overflow-wrap:anywhere}\n"
		"h2{font-size:1.2rem;margin:2rem 0 .5rem}\n"
		"p{margin:.35rem 0;max-width:60rem}\n.lead{font-size:1.1rem;font-weight:600}\n"
		".span,.more,.note,footer,caption{color:var(--soft)}\n"
		"caption{text-align:left;padding-bottom:.3rem}\n"
		"code,pre,.name{font-family:ui-monospace,monospace;font-size:.92em;"
		"overflow-wrap:anywhere}\n"
		"time,.count{font-variant-numeric:tabular-nums}time{white-space:nowrap}\n"
		".cause{white-space:nowrap}\n"
		".warn{border-left:4px solid var(--process);background:var(--box);"
		"padding:.5rem .9rem;margin:1rem 0}\n"
		".warn h2{margin-top:0}.wide{overflow-x:auto}\n");
	html_put(html, "table{border-collapse:collapse;width:100%}\n"
		       "th,td{text-align:left;vertical-align:top;padding:.35rem .7rem .35rem 0;"
		       "border-bottom:1px solid var(--line)}\n"
		       "th{font-weight:600}\nthead th{color:var(--soft);font-weight:500}\n"
		       "td.count,th.count{text-align:right;padding-right:1rem;white-space:nowrap}\n"
		       "td.name{min-width:9rem}tbody th{overflow-wrap:anywhere;min-width:11rem}\n"
		       ".tag{display:none}\n.say{min-width:14rem;overflow-wrap:anywhere}\n");
	html_put(html,
		 "svg{display:block;width:100%;height:auto}\nsvg text{fill:var(--text);"
		 "font:13px system-ui,sans-serif}\nsvg .soft{fill:var(--soft)}\n"
		 ".chart svg{min-width:46rem}\n.bar svg{min-width:16rem;height:18px}\n"
		 ".kernel{fill:var(--kernel)}.process{fill:var(--process)}"
		 ".runtime{fill:var(--runtime)}.anon{fill:var(--anon)}.kmem{fill:var(--kmem)}"
		 ".shmem{fill:var(--shmem)}.file{fill:var(--file)}"
		 ".other{fill:var(--other)}.gap{fill:var(--gap);opacity:.55}\n"
		 ".rule{stroke:var(--line)}.limit{stroke:var(--text);stroke-width:2}\n"
		 ".key{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;padding:0;"
		 "margin:.4rem 0}\n.key svg{display:inline-block;width:12px;height:12px;"
		 "margin-right:.4rem;vertical-align:-1px}\n");
	html_put(html,
		 "details{border-top:1px solid var(--line);padding:.45rem 0}\n"
		 "summary{cursor:pointer;overflow-wrap:anywhere}\n"
		 ".why{padding:.2rem 0 .4rem 1.1rem}\n.why h4{margin:.7rem 0 .2rem;font-size:1em}\n"
		 ".why ul{margin:.2rem 0;padding-left:1.2rem}\n.why li{overflow-wrap:anywhere}\n"
		 "pre{background:var(--box);padding:.4rem .6rem;margin:.2rem 0;"
		 "white-space:pre-wrap}\n"
		 "a{color:inherit}\n"
		 "@media(max-width:40rem){body{padding:.6rem .7rem}h1{font-size:1.35rem}"
		 "th,td{padding-right:.5rem}.stack thead{display:none}"
		 ".stack,.stack tbody,.stack tr,.stack th,.stack td,.stack caption{display:block}"
		 ".stack th,.stack td{border:0;padding:.1rem 0;text-align:left;min-width:0}"
		 ".stack tr{border-bottom:1px solid var(--line);padding:.4rem 0}"
		 ".tag{display:inline}}\n");
	html_put(html,
		 "@media print{:root{--back:#fff;--text:#000;--soft:#444;--line:#bbb;--box:#f4f4f4;"
		 "--kernel:#c0362c;--process:#a86a00;--runtime:#7d3fb5;--anon:#4b5bc4;"
		 "--shmem:#2a9db3;--file:#7aa95c;--kmem:#b8892b;--other:#8c959f;--gap:#d0d7de;"
		 "color-scheme:light}\n"
		 "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
		 "body{font-size:10pt;max-width:none;padding:0}h2{break-after:avoid}\n"
		 "tr,summary,svg{break-inside:avoid}.wide{overflow:visible}"
		 ".chart svg,.bar svg{min-width:0}\n"
		 "details::details-content{content-visibility:visible;display:block;"
		 "block-size:auto}}\n");
}
