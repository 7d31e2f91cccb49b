#!/bin/sh
# Draws the demo pictures of assets/samples with ImageMagick: another renderer than the training pictures',
# at sizes no training picture has. None of them is ever trained on.
set -e
out="$(cd "$(dirname "$0")/../.." && pwd)/assets/samples"
mkdir -p "$out"

# Three shapes on paper white.
convert -size 640x480 xc:'#fbfaf5' \
  -fill '#d92b2b' -stroke '#7a1010' -strokewidth 4 -draw 'circle 150,150 150,60' \
  -fill '#2457d6' -stroke '#102a70' -draw 'roundrectangle 400,60 580,240 6,6' \
  -fill '#2ca84a' -stroke '#14602a' -draw 'polygon 320,270 220,440 420,440' \
  -strip "$out/shapes.png"

# Five stars at night.
star='0,-50 13,-16 48,-15 20,6 30,40 0,20 -30,40 -20,6 -48,-15 -13,-16'
convert -size 700x420 gradient:'#141a33'-'#2a2f55' -fill '#ffd92e' \
  -draw "translate 110,120 polygon $star" -draw "translate 330,90 polygon $star" -draw "translate 570,140 polygon $star" \
  -draw "translate 210,300 polygon $star" -draw "translate 480,310 polygon $star" \
  -strip -quality 88 "$out/stars.jpg"

# A sign on a post.
convert -size 480x360 gradient:'#bfe3ff'-'#eaf6ff' -fill '#777777' -draw 'rectangle 232,230 248,360' \
  -fill '#0f5fb8' -stroke white -strokewidth 6 -draw 'roundrectangle 60,60 420,230 18,18' -stroke none \
  -fill white -font Helvetica-Bold -pointsize 110 -gravity north -annotate +0+80 'OPEN' -strip "$out/sign.png"

# A bar chart with four colours.
convert -size 600x450 xc:white -stroke '#333333' -strokewidth 3 -draw 'line 60,20 60,400' -draw 'line 60,400 580,400' -stroke none \
  -fill '#d62728' -draw 'rectangle 95,230 180,400' -fill '#1f5fd0' -draw 'rectangle 220,60 305,400' \
  -fill '#2ca02c' -draw 'rectangle 345,150 430,400' -fill '#ff9a1f' -draw 'rectangle 470,320 555,400' \
  -strip "$out/chart.png"

# A house number.
convert -size 520x390 gradient:'#d8c8ae'-'#b8a383' -attenuate 0.3 +noise Gaussian -fill '#1d1d1d' -draw 'roundrectangle 90,80 430,310 24,24' \
  -fill '#f5f5f0' -font Times-Bold -pointsize 190 -gravity center -annotate +0+0 '47' -strip -quality 85 "$out/number.jpg"
ls -l "$out"
